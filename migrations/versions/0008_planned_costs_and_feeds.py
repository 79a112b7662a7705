"""planned costs and feeds

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-24 02:12:00.000000
"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('production_line', schema=None) as batch_op:
        batch_op.add_column(sa.Column('planned_cost_micros', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('unit_cost_micros', sa.BigInteger(), nullable=True))

    with op.batch_alter_table('stock_transfer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('for_document', sa.String(length=48), nullable=False, server_default=sa.text("''")))
        batch_op.create_index(batch_op.f('ix_stock_transfer_for_document'), ['for_document'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('stock_transfer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stock_transfer_for_document'))
        batch_op.drop_column('for_document')

    with op.batch_alter_table('production_line', schema=None) as batch_op:
        batch_op.drop_column('unit_cost_micros')
        batch_op.drop_column('planned_cost_micros')
