"""Refusals of the channels floor."""

from ..kernel.errors import ConflictError, DomainError, msg


class NoNetworkError(DomainError):
    """Nothing has been set up in this database yet."""

    code = "no_network"
    status = 409
    template = msg("This database holds no network yet. Run `make demo` or import a data set.")


class SecondNetworkError(ConflictError):
    """A database holds one root brand and one reporting currency."""

    code = "second_network"
    template = msg(
        "This database already holds the network of {existing} (from {source}). "
        "One root brand and one reporting currency per database: use another database for {wanted}."
    )


class TerritoryOverlapError(ConflictError):
    """An exclusive territory would overlap another grant."""

    code = "territory_overlap"
    template = msg("Territory {region} overlaps the {kind} grant of {partner} ({since} – {until}).")


class TerritoryOutsideParentError(DomainError):
    """A child's territory must lie inside its parent's."""

    code = "territory_outside_parent"
    template = msg("Territory {region} lies outside what {parent} itself holds.")


class GrantAboveOwnLevelError(DomainError):
    """Nobody grants more than they hold themselves."""

    code = "grant_above_own_level"
    status = 403
    template = msg("You cannot grant level {level} on {resource}: your own level is {own}.")


class TreeCycleError(DomainError):
    """A partner cannot stand below itself."""

    code = "tree_cycle"
    template = msg("{partner} cannot be moved below {parent}: that is itself or one of its own partners.")


class HigherUserError(DomainError):
    """Somebody with more rights, or with work in other companies, is managed by an administrator."""

    code = "higher_user"
    status = 403
    template = msg(
        "You cannot change the account of {username}: "
        "that person may do more than you or works elsewhere too."
    )


class LastAdministratorError(DomainError):
    """The change would leave nobody who administers the platform."""

    code = "last_administrator"
    status = 409
    template = msg("Nobody would be left to administer the platform; nothing was changed.")
