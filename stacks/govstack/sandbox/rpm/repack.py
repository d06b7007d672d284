"""Make a Debian tree one that is configured like openEuler; runs inside that tree, as root.

Files of Debian packages become RPMs, named as on openEuler and with files at its paths.  Some are
installed by rpm, the rest waits in a local repository for dnf.  Of Debian's package manager
nothing stays.  What programs do is what Debian's builds of them do.
"""

import fnmatch
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
REPOSITORY: Final = Path("/srv/repository")
WORK: Final = Path("/var/tmp/repack")  # noqa: S108 - of the tree, where nobody else is
MACROS: Final = Path("/etc/rpm/macros")
MACROS_TEXT: Final = """\
%_dbpath /var/lib/rpm
%__os_install_post %{nil}
%_build_id_links none
"""
NOT_THERE: Final = (
    *("/etc/init.d/*", "/etc/default/*", "/etc/apparmor.d/*", "/etc/network/*", "/etc/dhcp/*"),
    *("/etc/ppp/*", "/etc/pam.d/*", "/usr/share/bug/*", "/usr/share/lintian/*", "/usr/share/doc/*"),
    *("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/apport/*", "/usr/share/pam*"),
    *("/usr/lib/NetworkManager/*", "/usr/share/doc-base/*", "/etc/logcheck/*", "/usr/include/*"),
)
"""What belongs to Debian's way of doing things, or is not needed."""
OF_DEBIAN: Final = (
    *("etc/apt", "etc/dpkg", "etc/debian_version", "usr/lib/apt", "usr/lib/dpkg", "usr/share/dpkg"),
    *("usr/share/debconf", "usr/share/pam-configs", "usr/sbin/pam-auth-update", "var/cache/apt"),
    *("usr/sbin/update-ca-certificates", "usr/sbin/update-rc.d", "var/lib/apt", "var/lib/dpkg"),
    *("usr/share/perl5/Debian", "var/cache/debconf", "etc/ca-certificates.conf", "etc/cron.daily"),
    *("etc/init.d", "etc/logcheck", "etc/runit", "etc/debconf.conf", "etc/pam.d", "etc/ssl/certs"),
    *("etc/ssh/sshd_config", "etc/rsyslog.conf", "etc/default/chrony", "etc/motd"),
    *("etc/systemd/system", "usr/lib/systemd/system/apt-daily.timer", "etc/chrony"),
    *("usr/lib/systemd/system/apt-daily-upgrade.timer", "etc/logrotate.d/apt"),
    *("usr/lib/systemd/system/dpkg-db-backup.timer", "etc/logrotate.d/dpkg"),
)
PROGRAMS_OF_DEBIAN: Final = ("usr/bin/apt*", "usr/bin/dpkg*", "usr/sbin/dpkg*", "usr/sbin/apt*")
USUAL: Final = (0o40755, 0, 0)
SPEC: Final = """\
Name: {name}
Version: {version}
Release: 1
Summary: {name} as openEuler names it
License: that of its parts
AutoReqProv: no
{relations}
%description
Programs of Debian at the paths of openEuler.
{after}
%files -f {files}
"""


@dataclass(frozen=True)
class Package:
    """An RPM, as the table has it.

    Attributes:
        name: as on openEuler.
        of: Debian packages whose files it holds.
        without: patterns of paths that it leaves out.
        moved: paths, or beginnings of them, that are elsewhere here.
        links: symbolic links to make.
        modes: of files of our own, where they are not 0644.
        folders: empty folders to make.
        needs: RPMs that it needs.
        offers: what it stands for besides, as RPMs name it.
        starts: a unit that starts by itself once it is there.
        after: a command that follows its installation.
        installed: whether it is there from the beginning.
    """

    name: str
    of: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    moved: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    starts: str = ""
    after: str = ""
    installed: bool = False

    def taken(self) -> Iterator[Path]:
        """Yield the files and folders of Debian's packages, folders before what is in them."""
        for package in self.of:
            for line in run("dpkg", "-L", package).splitlines():
                path = Path(line)
                # What is right below the root is everybody's, and leads to /usr or is no file.
                if path.parent != Path("/"):
                    yield Path(os.path.realpath(path.parent)) / path.name

    def place(self, path: Path) -> Path | None:
        """Return where a file of Debian is here, if it is."""
        text = str(path)
        if any(fnmatch.fnmatch(text, pattern) for pattern in (*NOT_THERE, *self.without)):
            return None
        for old, new in self.moved.items():
            if text == old or text.startswith(f"{old}/"):
                return Path(new + text.removeprefix(old))
        return path


def main() -> None:
    """Do it all."""
    with (HERE / "packages.toml").open("rb") as file:
        table = tomllib.load(file)
    packages = [package_of(name, row) for name, row in table.items()]
    MACROS.parent.mkdir(exist_ok=True)
    MACROS.write_text(MACROS_TEXT, encoding="utf-8")
    REPOSITORY.mkdir(parents=True)
    versions = {one.name: version_of(one) for one in packages}
    gathered = [(one, gather(one)) for one in packages]
    for one, root in gathered:
        build(one, root, versions[one.name])
        print(f"built {one.name}", flush=True)  # noqa: T201 - progress
    forget_debian(packages)
    chosen = [path_of(one.name) for one in packages if one.installed]
    run("rpm", "--install", "--force-debian", "--force", *chosen)
    run("systemctl", "preset-all")
    run("createrepo_c", "--quiet", "--no-database", "--compress-type", "gz", str(REPOSITORY))
    shutil.rmtree(WORK)
    twice = [str(path) for path in Path("/etc").rglob("*.rpm[nos]*") if path.suffix != ".conf"]
    if twice:
        sys.exit(f"error: what Debian had is still there: {', '.join(twice)}")


def package_of(name: str, row: dict[str, Any]) -> Package:
    """Read a package from its part of the table."""
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    return Package(name, **values)


def version_of(package: Package) -> str:
    """Return the version of what an RPM is made of."""
    if not package.of:
        return "24.03"
    full = run("dpkg-query", "-W", "-f", "${Version}", package.of[0])
    return full.partition(":")[2 if ":" in full else 0].partition("-")[0].replace("+", ".")


def gather(package: Package) -> Path:
    """Return a folder with everything that an RPM holds, at its place."""
    root = WORK / "roots" / package.name
    root.mkdir(parents=True)
    for path in package.taken():
        place = package.place(path)
        if place is not None and os.path.lexists(path):
            copy(path, root / place.relative_to("/"))
    own = HERE / "files" / package.name
    for source in sorted(own.rglob("*")):
        target = root / source.relative_to(own)
        if source.is_dir():
            target.mkdir(exist_ok=True)
        else:
            shutil.copyfile(source, target)
            target.chmod(int(package.modes.get(f"/{source.relative_to(own)}", "644"), 8))
    for folder in package.folders:
        (root / folder[1:]).mkdir(parents=True, exist_ok=True)
    for link, end in package.links.items():
        (root / link[1:]).parent.mkdir(parents=True, exist_ok=True)
        (root / link[1:]).symlink_to(end)
    return root


def copy(path: Path, target: Path) -> None:
    """Copy one file or folder with its owner and mode."""
    if path.is_dir() and not path.is_symlink():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target, follow_symlinks=False)
    found = path.lstat()
    os.chown(target, found.st_uid, found.st_gid, follow_symlinks=False)
    if not path.is_symlink():
        target.chmod(found.st_mode & 0o7777)


def build(package: Package, root: Path, version: str) -> None:
    """Build the RPM of what was gathered."""
    listed = WORK / f"{package.name}.files"
    listed.write_text(
        "".join(f"{line}\n" for line in entries(root, package.folders)), encoding="utf-8"
    )
    commands = [f"systemctl preset {package.starts} >/dev/null 2>&1 || :"] if package.starts else []
    commands += [package.after] if package.after else []
    spec = WORK / f"{package.name}.spec"
    spec.write_text(
        SPEC.format(
            name=package.name,
            version=version,
            relations="".join(
                [f"Requires: {one}\n" for one in package.needs]
                + [f"Provides: {one}\n" for one in package.offers]
            ),
            after="".join(["%post\n", *(f"{line}\n" for line in commands)]) if commands else "",
            files=listed,
        ),
        encoding="utf-8",
    )
    options = [f"--define=_topdir {WORK}/top", f"--define=_rpmdir {REPOSITORY}"]
    options += ["--define=_build_name_fmt %%{NAME}.rpm", "--define=_binary_payload w1.gzdio"]
    run("rpmbuild", "-bb", "--quiet", f"--buildroot={root}", *options, str(spec))


def entries(root: Path, folders: Collection[str]) -> Iterator[str]:
    """Yield what an RPM is to list; of folders those that are particular, and these."""
    for path in sorted(root.rglob("*")):
        place = f'"/{path.relative_to(root)}"'
        if path.is_dir() and not path.is_symlink():
            found = path.stat()
            if (found.st_mode, found.st_uid, found.st_gid) != USUAL or place[1:-1] in folders:
                yield f"%dir {place}"
        elif place.startswith('"/etc/') and not path.is_symlink():
            yield f"%config(noreplace) {place}"
        else:
            yield place


def forget_debian(packages: Iterable[Package]) -> None:
    """Remove what RPMs bring anew, and all of Debian's package manager."""
    for path in reversed([path for one in packages for path in one.taken()]):
        if path.is_symlink() or path.is_file():
            path.unlink(missing_ok=True)
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    found = [Path("/", name) for name in OF_DEBIAN]
    found += [path for pattern in PROGRAMS_OF_DEBIAN for path in Path("/").glob(pattern)]
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    Path("/etc/systemd/system").mkdir(mode=0o755)
    shell = Path("/usr/bin/sh")
    shell.unlink()
    shell.symlink_to("bash")


def path_of(name: str) -> str:
    """Return where the RPM of that name lies."""
    return str(REPOSITORY / f"{name}.rpm")


def run(*command: str) -> str:
    """Return what a command prints; it is the end of all if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own commands
    if done.returncode:
        sys.exit(f"error: {' '.join(command)}: {done.stderr or done.stdout}")
    return done.stdout


if __name__ == "__main__":
    main()
