import { describe, expect, it } from "vitest";
import { prepareCgroups, type CgroupOptions } from "../../../sandbox-host/cgroup-tree.ts";
import { findCgroup, planCgroup, type BaseFacts } from "../../../sandbox-host/cgroup-plan.ts";
import { FakeCgroups } from "../../fakes/sandbox/cgroup-kernel.ts";

const mount = "/sys/fs/cgroup";
const service = "/system.slice/sandboxes.service";
const pid = 40;
const tree = `${service}/assembly-lime-sandboxes-40-400`;

/** A service of its own, which two processes started before the host. */
function delegated(): FakeCgroups {
  const files = new FakeCgroups(mount, service, 20);
  files.start(30, 20, service);
  files.start(pid, 30, service);
  return files;
}

async function prepared(files: FakeCgroups, options: CgroupOptions = {}) {
  return prepareCgroups({ files, pid, cpus: 2, trial: () => Promise.resolve(undefined), ...options });
}

async function treeOf(files: FakeCgroups) {
  const check = await prepared(files);
  if (!check.ok) throw new Error(check.reason);
  return check.tree;
}

describe("finding this process's cgroup", () => {
  const line = (root: string, folder: string) => `29 24 0:26 ${root} ${folder} rw,nosuid - cgroup2 cgroup2 rw\n`;
  const v1 = "30 22 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

  it.each([
    ["of a service", line("/", mount), "0::/a/b\n", { folder: `${mount}/a/b` }],
    ["of a container with a namespace", line("/", mount), "0::/\n", { folder: mount }],
    ["of a container without one", line("/docker/1", mount), "0::/docker/1\n", { folder: mount }],
    ["below the root of such a mount", line("/docker/1", mount), "0::/docker/1/x\n", { folder: `${mount}/x` }],
    [
      "of a host that was started from its leaf",
      line("/", mount),
      "0::/a/assembly-lime-host\n",
      { folder: `${mount}/a` },
    ],
    [
      "beside those of v1",
      v1 + line("/", `${mount}/unified`),
      "4:memory:/x\n0::/y\n",
      { folder: `${mount}/unified/y` },
    ],
    ["at a place with a blank", line("/", "/cg\\040roup"), "0::/a\n", { folder: "/cg roup/a" }],
    ["where there is only v1", v1, "4:memory:/x\n", { reason: "this machine has no cgroup v2" }],
    ["where v2 is not mounted", v1, "0::/a\n", { reason: "this machine has no cgroup v2" }],
  ])("%s", (_, mountinfo, ownCgroup, found) => {
    expect(findCgroup({ mountinfo, ownCgroup })).toEqual(found);
  });

  it.each([
    ["outside of its namespace", line("/", mount), "0::/../other\n"],
    ["outside of the mount", line("/docker/1", mount), "0::/docker/12\n"],
  ])("%s is refused with the reason", (_, mountinfo, ownCgroup) => {
    expect(findCgroup({ mountinfo, ownCgroup })).toMatchObject({
      reason: expect.stringContaining("not below a mounted cgroup v2") as unknown,
    });
  });
});

describe("deciding whether sandboxes get cgroups", () => {
  const good: BaseFacts = {
    folder: `${mount}/a`,
    controllers: "cpuset cpu io memory pids\n",
    isWritable: true,
    isRoot: false,
    processes: [30, 40],
    lineage: [40, 30, 1],
  };

  it("moves the host and those that started it, and in the kernel's first cgroup no process", () => {
    expect(planCgroup(good)).toEqual({ folder: good.folder, move: [30, 40] });
    expect(planCgroup({ ...good, processes: [] })).toEqual({ folder: good.folder, move: [] });
    expect(planCgroup({ ...good, isRoot: true, processes: [2, 3, 40] })).toEqual({ folder: good.folder, move: [] });
  });

  it.each([
    ["no controller", { controllers: "hugetlb\n" }, "lacks the controllers cpu, memory, pids"],
    ["some missing", { controllers: "memory pids\n" }, "lacks the controllers cpu:"],
    ["unreadable controllers", { controllers: undefined }, "lacks the controllers cpu, memory, pids"],
    ["not writable", { isWritable: false }, "is not delegated to this process"],
    ["a stranger inside", { processes: [30, 40, 50] }, "holds 1 processes beside this one"],
    ["a process of another namespace", { processes: [0, 40] }, "holds 1 processes beside this one"],
  ])("refuses with the reason: %s", (_, facts, reason) => {
    expect(planCgroup({ ...good, ...facts })).toMatchObject({ reason: expect.stringContaining(reason) as unknown });
  });
});

describe("preparing cgroups", () => {
  it("moves to the leaf, turns controllers on, tries one, in this order", async () => {
    const files = delegated();
    const check = await prepared(files, {
      trial: (cgroup) => {
        files.changes.push(`trial in ${cgroup.folder.slice(mount.length)}`);
        return Promise.resolve(undefined);
      },
    });
    expect(check).toMatchObject({ ok: true, tree: { folder: mount + tree, cpus: 2 } });
    const trial = `${tree}/sandbox-1`;
    expect(files.changes).toEqual([
      `mkdir ${service}/assembly-lime-host`,
      ...[20, 30, pid].map((id) => `${service}/assembly-lime-host/cgroup.procs = ${String(id)}`),
      `${service}/cgroup.subtree_control = +cpu +memory +pids`,
      `mkdir ${tree}`,
      `${tree}/cgroup.subtree_control = +cpu +memory +pids`,
      `mkdir ${trial}`,
      `${trial}/memory.max = ${String(65 * 1024 * 1024)}`,
      `${trial}/memory.swap.max = 0`,
      `${trial}/pids.max = 16`,
      `${trial}/cpu.max = 200000 100000`,
      `${trial}/cgroup.subtree_control = +cpu +memory +pids`,
      `mkdir ${trial}/agent`,
      `${trial}/agent/memory.oom.group = 1`,
      `mkdir ${trial}/commands`,
      `${trial}/commands/memory.oom.group = 1`,
      `trial in ${trial}`,
      `${trial}/cgroup.kill = 1`,
      `rmdir ${trial}/agent`,
      `rmdir ${trial}/commands`,
      `rmdir ${trial}`,
    ]);
  });

  it("leaves everything as it was when a process can't be started inside", async () => {
    const files = delegated();
    const check = await prepared(files, { trial: () => Promise.resolve("no shell") });
    expect(check).toEqual({ ok: false, reason: "no shell" });
    expect([...files.groups.keys()]).toEqual(["", "/system.slice", service]);
    expect([...(files.groups.get(service)?.processes ?? [])]).toEqual([20, 30, pid]);
  });

  it("leaves everything as it was when the kernel refuses a write", async () => {
    for (const refused of ["pids.max", `${service}/cgroup.subtree_control`, "/assembly-lime-host/cgroup.procs"]) {
      const files = delegated();
      // A folder that says that it can be written, and then can't.
      const { canWrite } = files;
      files.canWrite = (path) => files.changes.length === 0 || canWrite.call(files, path);
      files.readOnly.add(refused);
      expect(await prepared(files), refused).toEqual({
        ok: false,
        reason: `the cgroup ${mount}${service} could not be prepared (EACCES)`,
      });
      expect([...(files.groups.get(service)?.processes ?? [])], refused).toEqual([20, 30, pid]);
      expect(files.folders(mount + service), refused).toEqual([]);
    }
  });

  it("changes nothing where it can't be done", async () => {
    const strangers = delegated();
    strangers.start(50, 1, service);
    const readOnly = delegated();
    readOnly.readOnly.add("/cgroup.procs");
    const hybrid = new FakeCgroups(`${mount}/unified`, "/", pid, ["hugetlb"]);
    for (const files of [strangers, readOnly, hybrid]) {
      expect((await prepared(files)).ok).toBe(false);
      expect(files.changes).toEqual([]);
    }
  });

  it("refuses a kernel that can't end a cgroup at once", async () => {
    const files = delegated();
    files.absent.add("cgroup.kill");
    expect(await prepared(files)).toEqual({ ok: false, reason: "the kernel has no cgroup.kill: Linux 5.14 has" });
    expect([...files.groups.keys()]).toEqual(["", "/system.slice", service]);
  });

  it("does without a bound for swap on a kernel that has no swap", async () => {
    const files = delegated();
    files.absent.add("memory.swap.max");
    expect((await prepared(files)).ok).toBe(true);
  });

  it("removes what a killed host left, and leaves a running host its own", async () => {
    const files = delegated();
    const first = await treeOf(files);
    const left = first.make({ memoryBytes: 1, diskBytes: 1, maxProcesses: 1 }).folder.slice(mount.length);
    files.start(90, 1, `${left}/commands`);
    files.deathTakes = 3;
    // The host died; another one is started by its service manager, in the leaf, while a third one runs.
    files.processes.delete(pid);
    files.start(60, 20, `${service}/assembly-lime-host`);
    files.start(70, 20, `${service}/assembly-lime-host`);
    files.ownCgroup = `0::${service}/assembly-lime-host\n`;
    const third = await prepareCgroups({ files, pid: 70, trial: () => Promise.resolve(undefined) });
    expect(third.ok).toBe(true);
    const second = await prepareCgroups({ files, pid: 60, trial: () => Promise.resolve(undefined) });
    expect(second.ok).toBe(true);
    expect(files.folders(mount + service).filter((name) => name.includes("sandboxes"))).toEqual([
      "assembly-lime-sandboxes-70-700",
      "assembly-lime-sandboxes-60-600",
    ]);
    expect(files.processes.has(90)).toBe(false);
  });

  it("knows a killed host's cgroups also when another process has its id", async () => {
    const files = delegated();
    const left = await treeOf(files);
    files.processes.set(pid, { parent: 1, startedAt: 99_999 });
    files.start(60, 20, `${service}/assembly-lime-host`);
    expect((await prepareCgroups({ files, pid: 60, trial: () => Promise.resolve(undefined) })).ok).toBe(true);
    expect(files.exists(left.folder)).toBe(false);
  });
});

describe("a sandbox's cgroup", () => {
  const limits = { memoryBytes: 2_000_000_000, diskBytes: 4_000_000_000, maxProcesses: 512 };

  it("bounds memory with files, swap, processes and processors, also by parts of one", async () => {
    const files = delegated();
    const check = await prepared(files, { cpus: 0.5 });
    const cgroup = check.ok ? check.tree.make(limits) : undefined;
    expect(
      ["memory.max", "memory.swap.max", "pids.max", "cpu.max"].map((name) =>
        files.read(`${cgroup?.folder ?? ""}/${name}`),
      ),
    ).toEqual(["6000000000", "0", "512", "50000 100000"]);
  });

  it("leaves nothing when the kernel refuses a limit", async () => {
    const files = delegated();
    const made = await treeOf(files);
    files.readOnly.add("cpu.max");
    expect(() => made.make(limits)).toThrow("EACCES");
    expect(files.folders(made.folder)).toEqual([]);
  });

  it("tells processes' and files' memory, the number of processes, and kills for memory", async () => {
    const files = delegated();
    const cgroup = (await treeOf(files)).make(limits);
    const below = cgroup.folder.slice(mount.length);
    files.start(80, 1, `${below}/agent`);
    files.start(81, 80, `${below}/commands`);
    files.start(82, 81, `${below}/commands`);
    files.groups.get(below)?.values.set("memory.stat", "anon 1000\nfile 900\nanon_thp 5\nshmem 200\nshmem_thp 7\n");
    expect(cgroup.usage()).toEqual({ memoryBytes: 1200, processes: 3 });
    const events = (leaf: string, kills: number) =>
      files.groups
        .get(`${below}/${leaf}`)
        ?.values.set("memory.events", `oom 9\noom_kill ${String(kills)}\noom_group_kill 1\n`);
    expect(cgroup.memoryKills()).toBe(0);
    events("commands", 2);
    expect([cgroup.memoryKills(), cgroup.agentWasKilled()]).toEqual([2, false]);
    cgroup.endCommands();
    expect(files.changes.at(-1)).toBe(`${below}/commands/cgroup.kill = 1`);
    const ended = files.changes.length;
    cgroup.endCommands();
    expect(files.changes.length).toBe(ended);
    events("agent", 1);
    expect([cgroup.memoryKills(), cgroup.agentWasKilled()]).toEqual([3, true]);
  });

  it("is killed and removed, once its last process is gone", async () => {
    const files = delegated();
    const cgroup = (await treeOf(files)).make(limits);
    files.start(81, 1, `${cgroup.folder.slice(mount.length)}/commands`);
    files.deathTakes = 2;
    await cgroup.remove();
    expect(files.exists(cgroup.folder)).toBe(false);
    expect(files.processes.has(81)).toBe(false);
    await cgroup.remove();
    expect([cgroup.memoryKills(), cgroup.agentWasKilled()]).toEqual([0, false]);
    cgroup.kill();
  });
});
