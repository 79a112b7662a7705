"""What the demo brand makes: categories, products and variants with their base prices."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CategoryPlan:
    """A category: its product line, its share of demand (‰) and its season (% per calendar month)."""

    code: str
    name: str
    name_en: str
    line: str
    unit: str
    share: int
    season: tuple[int, ...]
    products: str
    variants: str
    shelf_days: int = 0  # how long goods last from the day they are made; 0: for ever, and without lots


LINES = (
    ("WHITE", "白色家电", "White goods"),
    ("KITCHEN", "厨房电器", "Kitchen appliances"),
    ("SMALL", "小家电", "Small appliances"),
    ("VISION", "影音电器", "Audio and video"),
    ("CARE", "滤芯耗材", "Filters and consumables"),
)
# the product line that is kept by lot, and what must be left at shipping
LOT_LINE, MIN_LIFE_DAYS = "CARE", 90

# A product: name|English|base price in yuan (tax included); a leading `*` may be back-ordered.
# A variant: name|English|price in ‰ of the product's.
CATEGORIES = (
    CategoryPlan(
        "AC",
        "空调",
        "Air conditioners",
        "WHITE",
        "台",
        280,
        (50, 45, 80, 120, 170, 200, 190, 140, 70, 45, 45, 45),
        "清风壁挂式空调|Breeze wall-mounted air conditioner|2399;"
        "静享壁挂式空调|Quiet wall-mounted air conditioner|2899;"
        "全域新风空调|Fresh-air air conditioner|3699;"
        "云岭柜式空调|Yunling floor-standing air conditioner|5499;"
        "御寒热泵空调|Heat-pump air conditioner|4199;"
        "随行移动空调|Portable air conditioner|1699;"
        "*家用中央空调|Home central air conditioner|15800",
        "三级能效|grade 3|900;一级能效|grade 1|1000;一级能效 智能款|grade 1, smart|1080;"
        "大风量 三级能效|high flow, grade 3|1180;大风量 一级能效|high flow, grade 1|1320",
    ),
    CategoryPlan(
        "RF",
        "冰箱",
        "Refrigerators",
        "WHITE",
        "台",
        210,
        (90, 80, 90, 95, 110, 125, 125, 115, 95, 95, 100, 80),
        "双门冰箱|Two-door refrigerator|1299;三门冰箱|Three-door refrigerator|1899;"
        "十字对开门冰箱|Four-door refrigerator|3599;法式多门冰箱|French-door refrigerator|4599;"
        "嵌入式冰箱|Built-in refrigerator|6999;卧式冷柜|Chest freezer|1499",
        "月光白|moon white|1000;星空灰|starry grey|1020;晨雾蓝|mist blue|1030;"
        "大容积 灰|large, grey|1180;大容积 白|large, white|1160",
    ),
    CategoryPlan(
        "WM",
        "洗衣机",
        "Washing machines",
        "WHITE",
        "台",
        150,
        (100, 85, 100, 95, 95, 105, 90, 95, 100, 105, 130, 100),
        "波轮洗衣机|Top-load washing machine|1099;滚筒洗衣机|Front-load washing machine|2299;"
        "洗烘一体机|Washer-dryer|3299;热泵干衣机|Heat-pump dryer|3999;"
        "迷你内衣洗衣机|Mini washing machine|899;*洗烘套装|Laundry tower|7299",
        "标准款|standard|900;除菌款|hygiene|1000;智能投放款|auto-dosing|1120;"
        "大容量款|large|1150;大容量智能投放款|large, auto-dosing|1260",
    ),
    CategoryPlan(
        "KA",
        "厨电",
        "Kitchen appliances",
        "KITCHEN",
        "台",
        130,
        (75, 70, 105, 110, 110, 105, 90, 90, 105, 120, 125, 95),
        "侧吸式油烟机|Side range hood|1899;顶吸式油烟机|Canopy range hood|2299;燃气灶|Gas hob|899;"
        "燃气热水器|Gas water heater|1799;嵌入式蒸烤箱|Built-in steam oven|3999;"
        "洗碗机|Dishwasher|4299;消毒柜|Disinfection cabinet|1299",
        "标准款|standard|1000;黑晶款|black crystal|1080;智能款|smart|1180;尊享款|premium|1350;"
        "工程款|project|920",
    ),
    CategoryPlan(
        "SA",
        "小家电",
        "Small appliances",
        "SMALL",
        "件",
        60,
        (120, 85, 85, 85, 95, 110, 95, 85, 90, 95, 140, 115),
        "电饭煲|Rice cooker|299;破壁机|Blender|459;空气炸锅|Air fryer|329;电水壶|Kettle|99;"
        "循环扇|Circulation fan|239;加湿器|Humidifier|199;扫地机器人|Robot vacuum|2199",
        "经典款|classic|1000;升级款|plus|1150;家庭款|family|1280;联名款|special edition|1200;迷你款|mini|880",
    ),
    CategoryPlan(
        "TV",
        "电视",
        "Televisions",
        "VISION",
        "台",
        110,
        (120, 85, 80, 80, 90, 125, 95, 90, 95, 105, 130, 105),
        "清晰系列液晶电视|Clear LCD television|1999;量子点电视|Quantum-dot television|3499;"
        "迷你LED电视|Mini-LED television|4999;游戏电视|Gaming television|3999;"
        "护眼电视|Eye-care television|2799;壁画电视|Picture-frame television|5999;"
        "*商用显示电视|Commercial display|9999",
        "43英寸|43 inch|800;55英寸|55 inch|1000;65英寸|65 inch|1300;75英寸|75 inch|1750;85英寸|85 inch|2400",
    ),
    CategoryPlan(
        "FC",
        "滤芯耗材",
        "Filters and consumables",
        "CARE",
        "盒",
        60,
        (90, 85, 95, 105, 110, 110, 105, 105, 100, 95, 105, 95),
        "净水器滤芯|Water purifier cartridge|169;空气净化滤网|Air purifier filter|239;"
        "洗碗机专用盐与漂洗剂|Dishwasher salt and rinse aid|59",
        "单只装|single|1000;两只装|pack of two|1900;三只装|pack of three|2750;"
        "长效款|long-life|1600;全年装|for a year|4900",
        shelf_days=860,
    ),
)
