"""tracking

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-23 22:55:00.000000
"""

import secrets

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('order_feedback',
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('seller_id', sa.Integer(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('word', sa.String(length=400), nullable=False),
    sa.Column('rated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('complaint_kind', sa.String(length=10), nullable=False),
    sa.Column('complaint', sa.String(length=400), nullable=False),
    sa.Column('contact', sa.String(length=80), nullable=False),
    sa.Column('complained_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('complaint_task', sa.String(length=30), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], name=op.f('fk_order_feedback_order_id')),
    sa.ForeignKeyConstraint(['seller_id'], ['partner.id'], name=op.f('fk_order_feedback_seller_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_feedback')),
    sa.UniqueConstraint('order_id', name=op.f('uq_order_feedback_order_id'))
    )
    with op.batch_alter_table('order_feedback', schema=None) as batch_op:
        batch_op.create_index('ix_order_feedback_seller_id_rated_at', ['seller_id', 'rated_at'], unique=False)

    op.create_table('delivery_shortage',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('fulfilment_line_id', sa.Integer(), nullable=False),
    sa.Column('part_number', sa.String(length=48), nullable=False),
    sa.Column('line_no', sa.Integer(), nullable=False),
    sa.Column('sku_id', sa.Integer(), nullable=False),
    sa.Column('qty', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=10), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('choice', sa.String(length=10), nullable=False),
    sa.Column('document', sa.String(length=48), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['fulfilment_line_id'], ['fulfilment_line.id'], name=op.f('fk_delivery_shortage_fulfilment_line_id')),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], name=op.f('fk_delivery_shortage_order_id')),
    sa.ForeignKeyConstraint(['sku_id'], ['sku.id'], name=op.f('fk_delivery_shortage_sku_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_shortage'))
    )
    with op.batch_alter_table('delivery_shortage', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_shortage_order_id'), ['order_id'], unique=False)

    op.add_column('fulfilment_line', sa.Column('missing_qty', sa.Integer(), server_default='0', nullable=False))
    _give_links()


def _give_links() -> None:
    """Orders that are still being worked on and were placed before there was public tracking get their link."""
    orders = sa.table('sales_order', sa.column('id', sa.Integer), sa.column('status', sa.String),
                      sa.column('tracking_token', sa.String))
    finished = ('recorded', 'completed', 'cancelled')
    connection = op.get_bind()
    found = connection.execute(
        sa.select(orders.c.id).where(orders.c.tracking_token.is_(None), orders.c.status.not_in(finished))
    )
    rows = [{'key': row.id, 'link': secrets.token_urlsafe(18)} for row in found]
    if rows:
        connection.execute(
            orders.update().where(orders.c.id == sa.bindparam('key')).values(tracking_token=sa.bindparam('link')), rows
        )


def downgrade() -> None:
    op.drop_column('fulfilment_line', 'missing_qty')
    op.drop_table('delivery_shortage')
    op.drop_table('order_feedback')
