"""A hypervisor whose servers are real hosts: what nova asks for, the root helper does.

All hosts of nova are this machine, so a server that moves stays where it is, and only its size or
the host that nova counts it on changes.
"""

import json
import threading
import time
from pathlib import Path

import nova.conf
from nova import context as contexts
from nova import exception, objects
from nova.compute import power_state, task_states
from nova.virt import event as events
from nova.virt import hardware
from oslo_log import log as logging

from govstack_sandbox.drivers.compute import SandboxDriver
from govstack_sandbox.drivers.guests import drive_of, guest_of, interface_of, volume_of
from govstack_sandbox.hosts.client import Asker
from govstack_sandbox.hosts.guest import HostFailed

CONF = nova.conf.CONF
LOG = logging.getLogger(__name__)
STATES = {
    "running": power_state.RUNNING,
    "paused": power_state.PAUSED,
    "stopped": power_state.SHUTDOWN,
    "absent": power_state.NOSTATE,
}
WATCH_SECONDS = 2
STOP_SECONDS = 20


class HostDriver(SandboxDriver):
    """One host of nova."""

    capabilities = {  # noqa: RUF012 - as upstream has it
        **SandboxDriver.capabilities,
        "supports_multiattach": False,
        "supports_rescue": False,
    }

    def init_host(self, host):
        """Find the servers that run, and begin to watch them; remove those that nobody knows."""
        root = Path(CONF.state_path).parent.parent
        self._ask = Asker(root / "run")
        self._hosts = root / "hosts.json"
        self._meant = set()
        super().init_host(host)
        admin = contexts.get_admin_context()
        for server in self._states():
            try:
                objects.Instance.get_by_uuid(admin, server)
            except exception.InstanceNotFound:
                LOG.warning("removing the host of a server that was deleted: %s", server)
                self._ask("remove", server=server)
        threading.Thread(target=self._watch, daemon=True, name=f"watch-{host}").start()

    def _bases(self):
        """Return what servers can be made from; a cloud that runs may be given more."""
        return json.loads(self._hosts.read_text(encoding="utf-8"))["bases"]

    def spawn(
        self,
        context,
        instance,
        image_meta,
        injected_files,
        admin_password,
        allocations,
        network_info=None,
        block_device_info=None,
        power_on=True,
        accel_info=None,
    ):
        """Make the host and return once it runs."""
        try:
            self._ask(
                "create",
                guest=guest_of(instance, network_info, block_device_info, self._bases()),
                drive=drive_of(instance, admin_password, network_info),
            )
            if power_on:
                self._ask("start", server=instance.uuid)
        except HostFailed as error:
            self._ask("remove", server=instance.uuid)
            # Not a plain exception: nova would try its other hosts, which are this machine too.
            raise exception.BuildAbortException(
                instance_uuid=instance.uuid, reason=str(error)
            ) from error
        super().spawn(
            context,
            instance,
            image_meta,
            injected_files,
            admin_password,
            allocations,
            network_info,
            block_device_info,
            power_on,
        )

    def destroy(
        self, context, instance, network_info, block_device_info=None, *_others, **_options
    ):
        """Remove the host; one whose move is taken back is only stopped."""
        if instance.task_state == task_states.RESIZE_REVERTING:
            self._stop(instance)
        else:
            self._ask("remove", server=instance.uuid)
        super().destroy(context, instance, network_info, block_device_info)

    def cleanup(self, *_arguments, **_keywords):
        """Do nothing: `destroy` leaves nothing, and who has moved is not here any more."""

    def get_info(self, instance, use_cache=True):
        """Return whether the host runs."""
        super().get_info(instance)  # raises for one that is not ours
        state = self._states().get(instance.uuid, "absent")
        return hardware.InstanceInfo(state=STATES[state])

    def power_off(self, instance, timeout=0, retry_interval=0):
        """Shut the host down."""
        super().power_off(instance)
        self._stop(instance, timeout)

    def power_on(self, context, instance, network_info, *_others, **_options):
        """Start the host."""
        super().power_on(context, instance, network_info)
        self._start(instance)

    def reboot(self, context, instance, network_info, reboot_type, *_others, **_options):
        """Boot the host anew."""
        self._meant.add(instance.uuid)
        self._tell("reboot", instance, hard=reboot_type == "HARD")
        self._meant.discard(instance.uuid)

    def pause(self, instance):
        """Freeze the host."""
        self._tell("freeze", instance, on=True)

    def unpause(self, instance):
        """Let the host go on."""
        self._tell("freeze", instance, on=False)

    def suspend(self, context, instance):
        """Freeze the host: nothing is written to a disk."""
        self._tell("freeze", instance, on=True)

    def resume(self, context, instance, network_info, *_others, **_options):
        """Let the host go on."""
        self._tell("freeze", instance, on=False)

    def resume_state_on_host_boot(self, context, instance, network_info, *_others, **_options):
        """Start a host that ran before the cloud was stopped."""
        self._start(instance)

    def get_console_output(self, context, instance):
        """Return what the host has printed, its SSH key above all."""
        return self._tell("console", instance)["text"].encode()

    def default_root_device_name(self, instance, image_meta, root_bdm):
        """Name the root's device, so that volumes are named after it."""
        return "/dev/vda"

    def attach_interface(self, context, instance, image_meta, vif):
        """Give the host one more port."""
        super().attach_interface(context, instance, image_meta, vif)
        self._tell("plug", instance, interface=interface_of(vif))

    def detach_interface(self, context, instance, vif):
        """Take a port away; one that vanished with its server has nothing to be taken from."""
        super().detach_interface(context, instance, vif)
        if self._states().get(instance.uuid, "absent") != "absent":
            self._tell("unplug", instance, port=vif["id"])

    def attach_volume(self, context, connection_info, instance, mountpoint, *_others, **_options):
        """Make the volume appear where its metadata says."""
        self._tell("attach", instance, volume=volume_of(connection_info))
        super().attach_volume(context, connection_info, instance, mountpoint)

    def detach_volume(self, context, connection_info, instance, mountpoint, encryption=None):
        """Make the volume vanish."""
        if self._states().get(instance.uuid, "absent") != "absent":
            self._tell("detach", instance, volume=volume_of(connection_info)["id"])
        super().detach_volume(context, connection_info, instance, mountpoint)

    def migrate_disk_and_power_off(
        self,
        context,
        instance,
        dest,
        flavor,
        network_info,
        block_device_info=None,
        timeout=0,
        retry_interval=0,
    ):
        """Stop the host; its files are where they will be."""
        self._stop(instance, timeout)
        return "[]"

    def finish_migration(
        self,
        context,
        migration,
        instance,
        disk_info,
        network_info,
        image_meta,
        resize_instance,
        allocations,
        block_device_info=None,
        power_on=True,
        share_info=None,
    ):
        """Take the host over, in its new size."""
        self._resize(instance)
        if power_on:
            self._start(instance)
        SandboxDriver.spawn(
            self, context, instance, None, None, None, None, network_info, power_on=power_on
        )

    def confirm_migration(self, context, migration, instance, network_info):
        """Count the host here no more, if it is counted elsewhere now; it is the same host."""
        if migration.source_compute != migration.dest_compute:
            SandboxDriver.destroy(self, context, instance, network_info)

    def finish_revert_migration(
        self,
        context,
        instance,
        network_info,
        migration,
        block_device_info=None,
        power_on=True,
        share_info=None,
    ):
        """Take the host back, in its old size."""
        self._resize(instance)
        if power_on:
            self._start(instance)
        super().finish_revert_migration(
            context, instance, network_info, migration, block_device_info, power_on
        )

    def post_live_migration_at_destination(
        self, context, instance, network_info, *_others, **_options
    ):
        """Count the host here from now on; it never stopped."""
        SandboxDriver.spawn(self, context, instance, None, None, None, None, network_info)

    def _states(self):
        return self._ask("states")["states"]

    def _tell(self, verb, instance, **values):
        """Ask the helper; what fails is nova's to tell.

        Raises:
            InternalError: holds the reason.
        """
        try:
            return self._ask(verb, server=instance.uuid, **values)
        except HostFailed as error:
            raise exception.InternalError(str(error)) from error

    def _start(self, instance):
        self._tell("start", instance)
        self._meant.discard(instance.uuid)

    def _stop(self, instance, seconds=0):
        self._meant.add(instance.uuid)
        self._tell("stop", instance, seconds=seconds or STOP_SECONDS)

    def _resize(self, instance):
        size = instance.flavor
        self._tell("limit", instance, vcpus=size.vcpus, memory_mb=size.memory_mb)

    def _watch(self):
        """Tell nova of hosts that were shut down from inside.

        Not of those that it stops itself: told late, in the middle of a resize, it would take the
        host that is up again for one that has to be stopped.
        """
        ran = set()
        while True:
            time.sleep(WATCH_SECONDS)
            try:
                states = self._states()
            except HostFailed:  # the helper is being restarted
                continue
            for server in ran & set(self.instances) - self._meant:
                if states.get(server) == "stopped":
                    self.emit_event(events.LifecycleEvent(server, events.EVENT_LIFECYCLE_STOPPED))
            ran = {server for server, state in states.items() if state == "running"}
