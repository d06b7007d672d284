"""What a change to a resource can cost, by the kind of resource."""

from govstack.values.change import Action, Risk

HOLDS_DATA = frozenset(
    {
        "openstack:blockstorage/volume:Volume",
        "openstack:compute/instance:Instance",
        "openstack:objectstorage/container:Container",
        "openstack:database/instance:Instance",
    }
)
"""Resources whose content is gone when they are deleted or replaced."""

INTERRUPTS = frozenset(
    {
        "openstack:compute/instance:Instance",
        "openstack:networking/port:Port",
        "openstack:networking/router:Router",
        "openstack:networking/routerInterface:RouterInterface",
        "openstack:networking/floatingIp:FloatingIp",
        "openstack:compute/volumeAttach:VolumeAttach",
    }
)
"""Resources whose service stops, for a while or for good, when they are changed."""


def risk_of(resource_type: str, action: Action) -> Risk:
    """Return the risk of doing this to a resource of this type."""
    ends = action in {Action.DELETE, Action.REPLACE}
    if ends and resource_type in HOLDS_DATA:
        return Risk.DATA_LOSS
    if resource_type in INTERRUPTS and (ends or action is Action.UPDATE):
        return Risk.INTERRUPTION
    return Risk.NONE
