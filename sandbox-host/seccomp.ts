/**
 * System calls that no command in a sandbox needs and that either reach something of the host that namespaces don't
 * separate (kernel keyrings, the kernel log) or open much of the kernel to attack.
 */
const deniedCalls = {
  x64: {
    ...{ acct: 163, syslog: 103, quotactl: 179, open_by_handle_at: 304, fanotify_init: 300 },
    ...{ add_key: 248, request_key: 249, keyctl: 250 },
    ...{ mount: 165, umount2: 166, pivot_root: 155, unshare: 272, setns: 308 },
    ...{ swapon: 167, swapoff: 168, reboot: 169, kexec_load: 246, kexec_file_load: 320 },
    ...{ init_module: 175, finit_module: 313, delete_module: 176 },
    ...{ bpf: 321, perf_event_open: 298, userfaultfd: 323 },
  },
  arm64: {
    ...{ acct: 89, syslog: 116, quotactl: 60, open_by_handle_at: 265, fanotify_init: 262 },
    ...{ add_key: 217, request_key: 218, keyctl: 219 },
    ...{ mount: 40, umount2: 39, pivot_root: 41, unshare: 97, setns: 268 },
    ...{ swapon: 224, swapoff: 225, reboot: 142, kexec_load: 104, kexec_file_load: 294 },
    ...{ init_module: 105, finit_module: 273, delete_module: 106 },
    ...{ bpf: 280, perf_event_open: 241, userfaultfd: 282 },
  },
} as const;
/** These have one number on every processor. */
const deniedEverywhere = {
  ...{ io_uring_setup: 425, io_uring_enter: 426, io_uring_register: 427 },
  ...{ open_tree: 428, move_mount: 429, fsopen: 430, fsconfig: 431, fsmount: 432, fspick: 433, mount_setattr: 442 },
};

const socketCalls = { x64: { socket: 41, socketpair: 53 }, arm64: { socket: 198, socketpair: 199 } } as const;

/** Families of sockets that programs of a build need (AF_* of sys/socket.h). */
const families = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;
/** The one protocol of netlink that is allowed: a program lists its network interfaces by it (linux/netlink.h). */
const netlinkRoute = 0;

/** AUDIT_ARCH_* of linux/audit.h. */
const auditArchitectures = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
/** On x86, numbers from here on are the x32 variants of the same calls. */
const firstX32Call = 0x4000_0000;

// Operations of classic BPF and results of a filter (linux/bpf_common.h, linux/seccomp.h).
const loadWord = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const answer = 0x06;
const allow = 0x7fff_0000;
const refuseWithEperm = 0x0005_0001;
/** EAFNOSUPPORT, the answer of a kernel without the family: programs are prepared for it. */
const refuseFamily = 0x0005_0000 + 97;
/** Offsets in struct seccomp_data. */
const numberOffset = 0;
const architectureOffset = 4;
/** The kernel takes the low word of these arguments alone; both processors are little-endian. */
const firstArgumentOffset = 16;
const thirdArgumentOffset = 32;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/**
 * After the number of a call was loaded: answers `socket` and `socketpair` by their family, which is a list of the allowed, since kernels
 * bring new ones that network namespaces don't separate (AF_VSOCK reaches the machine's own host). Other calls go on behind it.
 */
function socketRules(architecture: keyof typeof socketCalls): readonly Instruction[] {
  const { socket, socketpair } = socketCalls[architecture];
  const netlink: readonly Instruction[] = [
    [jumpIfEqual, 0, 3, families.netlink],
    [loadWord, 0, 0, thirdArgumentOffset],
    [jumpIfEqual, 0, 1, netlinkRoute],
    [answer, 0, 0, allow],
    [answer, 0, 0, refuseFamily],
  ];
  const allowed = (family: number): readonly Instruction[] => [
    [jumpIfEqual, 0, 1, family],
    [answer, 0, 0, allow],
  ];
  const ofSocket: readonly Instruction[] = [
    [loadWord, 0, 0, firstArgumentOffset],
    ...[families.unix, families.inet, families.inet6].flatMap(allowed),
    ...netlink,
  ];
  const ofPair: readonly Instruction[] = [
    [loadWord, 0, 0, firstArgumentOffset],
    ...allowed(families.unix),
    [answer, 0, 0, refuseFamily],
  ];
  return [
    [jumpIfEqual, 0, ofSocket.length, socket],
    ...ofSocket,
    [jumpIfEqual, 0, ofPair.length, socketpair],
    ...ofPair,
  ];
}

/**
 * A seccomp filter for this processor, as the kernel takes it (https://docs.kernel.org/userspace-api/seccomp_filter.html):
 * the denied calls fail with EPERM, as do all calls of another processor mode, and sockets of a family that is not on the list with
 * EAFNOSUPPORT. Undefined for a processor that isn't known.
 */
export function seccompFilter(architecture: string): Buffer | undefined {
  if (architecture !== "x64" && architecture !== "arm64") return undefined;
  const instructions: Instruction[] = [
    [loadWord, 0, 0, architectureOffset],
    [jumpIfEqual, 1, 0, auditArchitectures[architecture]],
    [answer, 0, 0, refuseWithEperm],
    [loadWord, 0, 0, numberOffset],
    [jumpIfAtLeast, 0, 1, firstX32Call],
    [answer, 0, 0, refuseWithEperm],
  ];
  instructions.push(...socketRules(architecture));
  for (const call of Object.values({ ...deniedCalls[architecture], ...deniedEverywhere })) {
    instructions.push([jumpIfEqual, 0, 1, call], [answer, 0, 0, refuseWithEperm]);
  }
  instructions.push([answer, 0, 0, allow]);
  const filter = Buffer.alloc(instructions.length * 8);
  for (const [index, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    filter.writeUInt16LE(code, index * 8);
    filter.writeUInt8(ifTrue, index * 8 + 2);
    filter.writeUInt8(ifFalse, index * 8 + 3);
    filter.writeUInt32LE(value, index * 8 + 4);
  }
  return filter;
}
