"""Does the environment fit together, and can its cloud do what the site asks for?"""

from collections.abc import Iterator

from govstack.errors import Problem
from govstack.site.declared.site import SiteDeclared
from govstack.site.declared.system import SystemDeclared
from govstack.site.profile import SANDBOX, Balancing, Objects, Profile, Shares
from govstack.site.profiles import line_of, path_of, profile_names
from govstack.site.sources import Part, Sources
from govstack.values.suggestion import suggestion


def check_environment(sources: Sources) -> Iterator[Problem]:
    """Yield a problem if profile and cloud entry do not go together."""
    part, declared = sources.environment, sources.environment.declared
    if not path_of(sources.root, declared.profile).is_file():
        names = profile_names(sources.root)
        yield part.problem(
            f"there is no profile {declared.profile!r}",
            suggestion(declared.profile, names),
            "profile",
        )
    if declared.profile == SANDBOX and declared.cloud:
        yield part.problem(
            "the embedded cloud has no entry in clouds.yaml",
            "remove the line, or write profile: openstack",
            "cloud",
        )
    if declared.profile != SANDBOX and not declared.cloud:
        yield part.problem(
            "'cloud' is missing", "name the entry of clouds.yaml to use, such as cloud: yunzhou"
        )


def check_capabilities(sources: Sources, profile: Profile) -> Iterator[Problem]:
    """Yield a problem for each thing that the cloud lacks and nothing can replace."""
    if profile.refused:
        yield sources.environment.problem(
            f"{profile.product} cannot be used: {profile.refused}",
            f"see {line_of(sources.root, profile.name, 'refused')}",
            "profile",
        )
        return
    yield from _check_catalog(sources, profile)
    for part in sources.systems:
        yield from _check_system(sources, part, profile)


def _check_catalog(sources: Sources, profile: Profile) -> Iterator[Problem]:
    part: Part[SiteDeclared] = sources.site
    catalog = part.declared.catalog
    for name, flavor in catalog.flavors.items():
        if not (profile.makes_flavors or flavor.cloud_name or flavor.cloud_id):
            yield part.problem(
                "the cloud does not let us make flavors",
                f"name one of the cloud's with cloud_name; {_see(sources, 'makes_flavors')}",
                *("catalog", "flavors", name),
            )
    for name, kind in catalog.volume_types.items():
        if not (profile.makes_volume_types or kind.cloud_name or kind.cloud_id):
            yield part.problem(
                "the cloud does not let us make volume types",
                f"name one of the cloud's with cloud_name; {_see(sources, 'makes_volume_types')}",
                *("catalog", "volume_types", name),
            )


def _check_system(
    sources: Sources, part: Part[SystemDeclared], profile: Profile
) -> Iterator[Problem]:
    system = part.declared
    if system.containers and profile.object_store is Objects.NONE:
        yield part.problem(
            "the cloud has no object store",
            f"keep these objects elsewhere; {_see(sources, 'object_store')}",
            "containers",
        )
    if system.shares and profile.shared_file_systems is Shares.NONE:
        yield part.problem(
            "the cloud has no shared file systems",
            f"give each node a volume instead; {_see(sources, 'shared_file_systems')}",
            "shares",
        )
    for name, service in system.offers.items():
        if service.balanced and not _can_balance(sources, profile):
            yield part.problem(
                "nobody balances here",
                "name a role of nodes that do, with balancers in site.yaml; "
                + _see(sources, "load_balancer"),
                *("offers", name, "balanced"),
            )
    for role, group in system.nodes.items():
        if group.floating_ip and not profile.floating_ips:
            yield part.problem(
                "the cloud has no floating IPs",
                f"remove the line; {_see(sources, 'floating_ips')}",
                *("nodes", role, "floating_ip"),
            )
        if group.anti_affinity and not profile.server_groups:
            yield part.problem(
                "the cloud does not keep servers apart",
                f"remove the line; {_see(sources, 'server_groups')}",
                *("nodes", role, "anti_affinity"),
            )


def _can_balance(sources: Sources, profile: Profile) -> bool:
    if profile.load_balancer is Balancing.NODES:
        return bool(sources.site.declared.balancers)
    return profile.load_balancer is Balancing.OCTAVIA


def _see(sources: Sources, key: str) -> str:
    """Return where the cloud's lack is written."""
    environment = sources.environment
    if getattr(environment.declared.capabilities, key) is not None:
        where = environment.problem("", "", "capabilities", key).where
    else:
        where = line_of(sources.root, environment.declared.profile, key)
    return f"see {where}: {key}"
