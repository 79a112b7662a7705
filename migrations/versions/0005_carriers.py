"""carriers

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-23 22:50:00.000000
"""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('carrier',
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('name_en', sa.String(length=60), nullable=False),
    sa.Column('service_url', sa.String(length=200), nullable=False),
    sa.Column('secret', sa.String(length=120), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carrier')),
    sa.UniqueConstraint('code', name=op.f('uq_carrier_code'))
    )
    with op.batch_alter_table('shipment_event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('signed_by', sa.String(length=60), server_default='', nullable=False))
        batch_op.add_column(sa.Column('region_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('short_qty', sa.Integer(), server_default='0', nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_shipment_event_region_id'), 'region', ['region_id'], ['id'])
        batch_op.create_index('ix_shipment_event_source_source_key', ['source', 'source_key'], unique=False)
    with op.batch_alter_table('shipment_event', schema=None) as batch_op:
        batch_op.alter_column('signed_by', server_default=None)
        batch_op.alter_column('short_qty', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('shipment_event', schema=None) as batch_op:
        batch_op.drop_index('ix_shipment_event_source_source_key')
        batch_op.drop_constraint(batch_op.f('fk_shipment_event_region_id'), type_='foreignkey')
        batch_op.drop_column('short_qty')
        batch_op.drop_column('region_id')
        batch_op.drop_column('signed_by')

    op.drop_table('carrier')
