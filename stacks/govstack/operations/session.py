"""What every verb starts from: the site and its plan, and where its environment keeps things."""

from dataclasses import dataclass
from datetime import date

from govstack.operations.expiry import expiry_notes
from govstack.operations.target import Target
from govstack.plan.make import make_plan
from govstack.plan.model import Plan
from govstack.sandbox import has_hosts, most_hosts
from govstack.site.load import load_site
from govstack.site.model import Site
from govstack.state.places import Places, places_of
from govstack.values.observer import Note


@dataclass(frozen=True, slots=True)
class Session:
    """A target, its site and plan, and its places; `notes` tell what will soon be past its day."""

    target: Target
    site: Site
    plan: Plan
    places: Places
    notes: tuple[Note, ...] = ()

    @property
    def wants_hosts(self) -> bool:
        """Tell whether servers of an embedded cloud that is made now are to be real hosts."""
        return self.plan.environment.profile.hosts and self.nodes <= most_hosts()

    @property
    def nodes(self) -> int:
        """Return how many nodes the plan has."""
        return sum(len(system.nodes) for system in self.plan.systems)

    @property
    def operating_systems(self) -> frozenset[str]:
        """Return what nodes run, by the ``os_distro`` of their images."""
        names = {image.id: image.os_distro.lower() for image in self.site.images}
        return frozenset(names[node.image] for system in self.plan.systems for node in system.nodes)

    @property
    def has_logins(self) -> bool:
        """Tell whether servers are given the environment's key: where they are hosts."""
        environment = self.plan.environment
        embedded = environment.is_embedded
        return environment.profile.hosts and (not embedded or has_hosts(self.places.sandbox))


def open_session(target: Target) -> Session:
    """Load and plan the target's site.

    Raises:
        SiteInvalid, SiteNotFound: the site does not describe a cloud.
        UnknownSelection: the site has no such environment.
        CapacityExceeded: a zone has no addresses left.
    """
    today = date.today()  # noqa: DTZ011 - the day of the people here
    site = load_site(target.root, target.environment, today=today)
    places = places_of(target.state_home, target.root, site.environment)
    return Session(target, site, make_plan(site), places, expiry_notes(site, today))
