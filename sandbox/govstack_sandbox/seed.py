"""What a new cloud has from the start: an outside network, flavors, images and volume types."""

from dataclasses import dataclass
from typing import Final

from govstack_sandbox.api import Client
from govstack_sandbox.configure import VOLUME_TYPE

PUBLIC: Final = "public"
PUBLIC_CIDR: Final = "203.0.113.0/24"
"""Set aside for documentation, so that it is nobody's."""
ENCRYPTED_TYPE: Final = "encrypted"
ENCRYPTION: Final = {
    "provider": "luks",
    "cipher": "aes-xts-plain64",
    "key_size": 256,
    "control_location": "front-end",
}
"""What the type asks of whoever attaches its volumes; here nobody enciphers anything."""


@dataclass(frozen=True, slots=True)
class Flavor:
    """A size of server."""

    name: str
    vcpus: int
    ram_mb: int
    disk_gb: int


@dataclass(frozen=True, slots=True)
class Image:
    """A system that servers can be made from, as image services name it."""

    name: str
    distribution: str
    version: str


FLAVORS: Final = (
    Flavor("m1.tiny", 1, 512, 1),
    Flavor("m1.small", 1, 2048, 20),
    Flavor("m1.medium", 2, 4096, 40),
    Flavor("m1.large", 4, 8192, 80),
)
IMAGES: Final = (
    Image("debian-12", "debian", "12"),
    Image("ubuntu-24.04", "ubuntu", "24.04"),
    Image("openeuler-24.03", "openeuler", "24.03"),
)


def seed(client: Client) -> None:
    """Create what is missing; a second call changes nothing."""
    _create_network(client)
    _create_flavors(client)
    _create_images(client)
    _create_volume_types(client)


def _create_network(client: Client) -> None:
    networks = client.get("neutron", f"/v2.0/networks?name={PUBLIC}")["networks"]
    if not networks:
        body = {
            "name": PUBLIC,
            "router:external": True,
            "provider:network_type": "flat",
            "provider:physical_network": "physnet1",
        }
        networks = [client.post("neutron", "/v2.0/networks", {"network": body})["network"]]
    if not networks[0]["subnets"]:
        body = {
            "name": f"{PUBLIC}-subnet",
            "network_id": networks[0]["id"],
            "cidr": PUBLIC_CIDR,
            "ip_version": 4,
            "enable_dhcp": False,
        }
        client.post("neutron", "/v2.0/subnets", {"subnet": body})


def _create_flavors(client: Client) -> None:
    known = {flavor["name"] for flavor in client.get("nova", "/flavors")["flavors"]}
    for flavor in FLAVORS:
        if flavor.name not in known:
            body = {
                "name": flavor.name,
                "vcpus": flavor.vcpus,
                "ram": flavor.ram_mb,
                "disk": flavor.disk_gb,
            }
            client.post("nova", "/flavors", {"flavor": body})


def _create_images(client: Client) -> None:
    for image in IMAGES:
        found = client.get("glance", f"/v2/images?name={image.name}")["images"]
        made = found[0] if found else client.post("glance", "/v2/images", _image(image))
        if made["status"] == "queued":
            content = f"This stands for the image {image.name}; nothing can boot it.\n"
            client.put_file("glance", f"/v2/images/{made['id']}/file", content.encode())


def _image(image: Image) -> dict[str, str]:
    return {
        "name": image.name,
        "visibility": "public",
        "disk_format": "raw",
        "container_format": "bare",
        "os_distro": image.distribution,
        "os_version": image.version,
    }


def _create_volume_types(client: Client) -> None:
    project = client.get("keystone", "/auth/projects")["projects"][0]["id"]
    types = f"/{project}/types"
    known = {kind["name"]: kind["id"] for kind in client.get("cinder", types)["volume_types"]}
    for name in (VOLUME_TYPE, ENCRYPTED_TYPE):
        if name not in known:
            body = {"name": name, "extra_specs": {"volume_backend_name": "folders"}}
            made = client.post("cinder", types, {"volume_type": body})["volume_type"]
            known[name] = made["id"]
    encryption = f"{types}/{known[ENCRYPTED_TYPE]}/encryption"
    if not client.get("cinder", encryption):
        client.post("cinder", encryption, {"encryption": ENCRYPTION})
