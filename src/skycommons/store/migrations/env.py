"""What Alembic runs for each upgrade: the steps, over the connection and in the transaction that `upgrade` hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
