"""Network file systems, where SQLite's locks do not hold and two programs may damage a register."""

import os
import re
import sys
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")  # Linux
KINDS = frozenset(
    "nfs nfs4 cifs smb3 smbfs ncpfs afs ceph glusterfs lustre beegfs gfs2 ocfs2 vboxsf davfs "
    "fuse.sshfs fuse.glusterfs fuse.ceph fuse.rclone fuse.s3fs fuse.davfs2 fuse.vmhgfs-fuse".split()
)
REMOTE = 4  # what Windows calls a drive on the network


def network_kind(place: Path) -> str | None:
    """Which network file system a file or folder is on, by its name; None where it is on none, as far as the
    system tells (macOS does not)."""
    place = place.resolve()
    if sys.platform == "win32":
        return _on_windows(place)
    kind, longest = "", -1
    try:
        lines = MOUNTS.read_text("utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    for line in lines:
        about, _, after = line.partition(" - ")
        mount = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), about.split()[4]))
        if place.is_relative_to(mount) and len(mount.parts) >= longest:  # a later one stands over an earlier
            kind, longest = after.split()[0], len(mount.parts)
    return kind if kind in KINDS else None


def _on_windows(place: Path) -> str | None:
    import ctypes

    drive = f"{place.drive}{os.sep}"
    kind = ctypes.windll.kernel32.GetDriveTypeW(drive)  # type: ignore[attr-defined, unused-ignore]
    return "a network drive" if drive.startswith("\\\\") or kind == REMOTE else None
