"""The collector of unreachable objects, set for a process that serves for long."""

import atexit
import gc

# what must pile up before the youngest objects are looked through: a request makes some tens of thousands
YOUNG = 50_000


def settle() -> None:
    """Call once after everything is imported: what exists now stays and is not looked through again.

    Without it every few requests walk through all modules, mappers and pages: a tenth of a busy verb's time.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # what libraries count as theirs is given back at the end
    gc.set_threshold(YOUNG, 20, 20)
