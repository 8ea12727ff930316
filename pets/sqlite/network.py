"""Network file systems, where SQLite's locks do not hold and two programs may damage a register."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")  # Linux
KINDS = frozenset(
    "nfs nfs4 cifs smb3 smbfs ncpfs afs ceph glusterfs lustre beegfs gfs2 ocfs2 vboxsf davfs "
    "fuse.sshfs fuse.glusterfs fuse.ceph fuse.rclone fuse.s3fs fuse.davfs2 fuse.vmhgfs-fuse".split()
)
LIST = "/sbin/mount"  # macOS and the BSDs, which say of each disk of their own that it is local
NO_DISKS = frozenset(("autofs", "devfs", "fdescfs", "procfs", "tmpfs"))  # whether they say so or not
REMOTE = 4  # what Windows calls a drive on the network


def network_kind(place: Path) -> str | None:
    """Which network file system a file or folder is on, by its name; None where it is on none, as far as the
    system tells."""
    place = place.resolve()
    if sys.platform == "win32":
        return _on_windows(place)
    found, longest = None, -1
    try:
        mounts = list(_on_linux() if sys.platform == "linux" else _elsewhere())
    except (OSError, subprocess.SubprocessError):
        return None
    for mount, kind in mounts:
        if place.is_relative_to(mount) and len(mount.parts) >= longest:  # a later one stands over an earlier
            found, longest = kind, len(mount.parts)
    return found


def _on_linux() -> Iterator[tuple[Path, str | None]]:
    """Each place where something is mounted, and which network file system that is."""
    for line in MOUNTS.read_text("utf-8", errors="surrogateescape").splitlines():
        about, _, after = line.partition(" - ")
        mount = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), about.split()[4])
        kind = after.split()[0]
        yield Path(mount), kind if kind in KINDS else None


def _elsewhere() -> Iterator[tuple[Path, str | None]]:
    """The same, from lines such as `//ada@nas/pets on /Volumes/pets (smbfs, nodev, mounted by ada)`."""
    said = subprocess.run([LIST], capture_output=True, timeout=10, check=True).stdout  # noqa: S603
    for mount, about in re.findall(r"(?m)^.* on (/.*) \((.+)\)$", os.fsdecode(said)):
        kind, *options = about.split(", ")
        yield Path(mount), None if "local" in options or kind in NO_DISKS else kind


def _on_windows(place: Path) -> str | None:
    import ctypes

    drive = f"{place.drive}{os.sep}"
    kind = ctypes.windll.kernel32.GetDriveTypeW(drive)  # type: ignore[attr-defined, unused-ignore]
    return "a network drive" if drive.startswith("\\\\") or kind == REMOTE else None
