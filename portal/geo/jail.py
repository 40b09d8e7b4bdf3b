"""What the reading child takes from itself before it touches an upload: the network, other programs, other files,
and more memory or time than its share. Works for root and for a plain user, in a container too."""

import ctypes
import errno
import os
import resource
import signal
import struct
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from portal.geo.source import Limits

# No sockets of any kind: a path socket of the database or of Redis is as far from here as the internet. io_uring could
# open sockets behind the filter. No new programs or processes, no look into others.
DENIED_CALLS = (
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "execve", "execveat", "fork", "vfork",
    "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open", "pidfd_getfd", "kcmp",
    "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_by_handle_at", "move_mount", "fsopen",
    "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "init_module", "finit_module",
    "kexec_load", "memfd_secret", "mknod", "mknodat", "setuid", "setgid", "setresuid", "setresgid", "kill", "tkill",
)  # fmt: skip

_CLONE_NEWNET, _CLONE_NEWUSER, _CLONE_THREAD = 0x40000000, 0x10000000, 0x00010000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same on every architecture
_READ_FILE, _READ_ANY = 1 << 2, 0b1101  # execute (shared libraries), read files, list folders

_libc = ctypes.CDLL(None, use_errno=True)


class NoJail(RuntimeError):
    """The kernel or a library refuses what safety needs: then nothing is read."""


def enter(folder: Path, code: Iterable[Path], limits: Limits) -> list[str]:
    """Everything at once, in the order that works. Returns the names of the layers that hold."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _seccomp()  # its import looks for the library with another program, which the next lines forbid
    layers = ["namespace"] if leave_network() else []
    layers += ["files"] if restrict_files(folder, code) else []
    forbid_calls()
    restrict_resources(limits)
    return [*layers, "calls", "resources"]


def leave_network() -> bool:
    """A network namespace of our own, without even a loopback. Forbidden in most containers: then the filter is alone."""
    return any(_libc.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def forbid_calls() -> None:
    """A seccomp filter under which the denied calls fail with EPERM. Threads may start, processes may not."""
    pyseccomp = _seccomp()
    try:
        rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
        for call in DENIED_CALLS:
            try:
                rules.add_rule(pyseccomp.ERRNO(errno.EPERM), call)
            except OSError:  # a call this architecture or kernel does not have
                continue
        rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0))
        # The flags of clone3 are out of the filter's sight; libc falls back to clone.
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
        rules.load()
    except (OSError, RuntimeError) as error:
        raise NoJail("no system call filter") from error


def _seccomp() -> ModuleType:
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:
        raise NoJail("no libseccomp") from error
    return pyseccomp


def restrict_resources(limits: Limits) -> None:
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, max(limits.archive.total_bytes, limits.file_bytes)),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        end = most + 2 if what == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else most
        resource.setrlimit(what, (most, end))  # at the soft CPU limit comes a signal that names the cause


def restrict_files(folder: Path, code: Iterable[Path]) -> bool:
    """Landlock: read the code, read and write the job folder, nothing else. False where the kernel has no Landlock."""
    version = _libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    rights = (1 << (13 if version == 1 else 14 if version == 2 else 15)) - 1
    attributes = struct.pack("<Q", rights)
    ruleset = _libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    for path in code:
        _allow(ruleset, path, _READ_ANY)
    _allow(ruleset, folder, rights & ~1)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    held = _libc.syscall(_LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0
    os.close(ruleset)
    return held


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rule = struct.pack("<Qi", rights if path.is_dir() else rights & _READ_FILE, beneath)
    _libc.syscall(_LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0))
    os.close(beneath)
