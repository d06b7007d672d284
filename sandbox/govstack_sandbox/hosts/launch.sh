#!/bin/sh
# launch.sh FOLDER: runs one host until it is shut down; each turn of the loop is one boot.
#
# FOLDER/launch.env names everything.  The process belongs to nobody, so that a host outlives
# whoever asked for it, and its control group tells whether it runs.
folder=$1
. "$folder/launch.env"

enter_groups() {
	for group in $GROUPS_OF_HOST; do echo $$ >"$group/cgroup.procs" || exit 70; done
}

unplug() {
	ip -n "$CLOUD" -force -batch "$folder/unplug.batch" 2>/dev/null
	ip netns delete "$MACHINE" 2>/dev/null
}

# A namespace that is made inside a private mount namespace would not be seen outside: so here.
plug() {
	unplug
	ip netns add "$MACHINE" &&
		ip -n "$MACHINE" link set lo up &&
		ip -n "$CLOUD" -batch "$folder/cloud.batch" &&
		ip -n "$MACHINE" -batch "$folder/guest.batch" &&
		touch "$PLUGGED"
}

boot() {
	# "volatile" refuses a second mount until its mark is gone.
	rm -rf "$folder/work/work/incompat"
	mount -t overlay "$MACHINE" \
		-o "lowerdir=$LAYER:$BASE,upperdir=$folder/upper,workdir=$folder/work,volatile" \
		"$folder/root" || exit 71
	# nspawn and the host's systemd want the second version of control groups, and nspawn a
	# place for its mounts that is not the machine's.
	mkdir -p /run/systemd && mount -t tmpfs none /run/systemd &&
		mount -t cgroup2 none /sys/fs/cgroup || exit 72
	set --
	while read -r source target; do set -- "$@" "--bind=$source:$target"; done <"$folder/binds"
	# What of /proc/sys has no namespace stays read-only inside.
	export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
	exec systemd-nspawn --quiet --directory="$folder/root" --boot --register=no --keep-unit \
		--notify-ready=yes --machine="$MACHINE" --uuid="$UUID" --hostname="$NAME" \
		--network-namespace-path="/run/netns/$MACHINE" --console=pipe --resolv-conf=off \
		--timezone=off --link-journal=no --kill-signal=SIGRTMIN+3 \
		--capability=CAP_NET_ADMIN,CAP_NET_RAW,CAP_SYS_NICE "$@" systemd.unit=multi-user.target
}

[ "${2:-}" = boot ] && boot
reboot_wanted=133
while :; do
	enter_groups
	if ! plug; then
		echo "the network of the host could not be made"
		code=73
		break
	fi
	unshare --mount --propagation slave sh "$0" "$folder" boot
	code=$?
	[ "$code" = "$reboot_wanted" ] || break
done
enter_groups # nspawn has moved us
unplug
echo "the host has ended with code $code"
echo "$code" >"$folder/ended"
