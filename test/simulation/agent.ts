import type { LlmBlock, LlmRequest } from "../../worker/ports/llm.ts";
import type { RunMode } from "../../contracts/run.ts";
import type { EventOracle } from "./event-oracle.ts";
import type { World } from "./world.ts";
import { modeLaws } from "./lawful-moves.ts";

interface Call {
  readonly name: string;
  readonly input: unknown;
  readonly invalidJson?: string;
}

const badInputs: readonly [unknown, ...unknown[]] = [{}, null, "text", { path: 7 }, { path: "../../etc/passwd" }, [1]];

/** The model's side of a history: work that fits its stage, and in some histories misbehaviour of every kind. */
export class Agent {
  readonly #world: World;
  /** Inputs by call id, to find the input of an acknowledged call later. */
  readonly asked = new Map<string, Call>();
  /** Reads without end and never ends its stage, or gives empty answers. */
  habit: "none" | "reads on" | "says nothing" = "none";
  /** Does sound work only, so that people can bring the run to its end. */
  isSound = false;
  #nextId = 1;
  /** Folders of the repositories that the run works on; one empty name where it is the root itself. */
  #folders: readonly string[] = [""];

  constructor(world: World) {
    this.#world = world;
  }

  /** The blocks of the next turn. */
  answer(oracle: EventOracle, request: LlmRequest): readonly LlmBlock[] {
    const { chance, troubles } = this.#world;
    this.#folders = oracle.lanes.chosen.map(({ folder }) => folder);
    const calls: Call[] = this.#calls(oracle);
    if (troubles.mischief > 0 && chance.happens(troubles.mischief)) this.#mischief(calls);
    const blocks: LlmBlock[] = chance.happens(0.3) ? [{ type: "text", text: "Working." }] : [];
    for (const call of calls) {
      const id = `call-${this.#nextId}`;
      this.#nextId += 1;
      this.asked.set(id, call);
      blocks.push({
        type: "tool_use",
        id,
        name: call.name,
        input: call.input,
        ...(call.invalidJson === undefined ? {} : { invalidJson: call.invalidJson }),
      });
    }
    this.#world.say(
      () =>
        `  model ${request.callId}: ${calls.map(({ input, name }) => `${name} ${JSON.stringify(input)}`).join(", ") || "no call"}`,
    );
    return blocks;
  }

  #calls(oracle: EventOracle): Call[] {
    if (this.habit === "reads on") return [{ name: "read_file", input: { path: this.#at("src/a.txt") } }];
    return this.habit === "says nothing" ? [] : this.#work(oracle);
  }

  /** A path in one of the repositories, from the workspace's root. */
  #at(path: string): string {
    const [only, ...others] = this.#folders;
    const folder = others.length === 0 || only === undefined ? only : this.#world.chance.pick([only, ...others]);
    return folder === undefined || folder === "" ? path : `${folder}/${path}`;
  }

  #work({ lanes, mode, state }: EventOracle): Call[] {
    const { chance } = this.#world;
    switch (state) {
      case "TRIAGING": {
        const decision = chance.weighted([
          ["GO", 8],
          ["NO_GO", 1],
          ["DEFER", 1],
        ]);
        return [
          { name: "submit_triage", input: { decision, reasons: ["read it"], ...this.#choice(lanes.isChoiceOpen) } },
        ];
      }
      case "ARCHITECTING":
        return [
          ...this.#question(),
          {
            name: "submit_architecture",
            input: {
              title: "Shape",
              architecture: "One part.",
              scope: ["src"],
              non_goals: [],
              acceptance_criteria: ["It works"],
            },
          },
        ];
      case "PLANNING":
        return [...this.#question(), { name: "submit_plan", input: { summary: "Plan", tasks: this.#tasks() } }];
      case "REVIEWING": {
        const isReview = modeLaws[mode].product === "review";
        const verdict = this.isSound
          ? "approve"
          : chance.weighted([
              ["approve", 4],
              ["send_back", 1],
            ]);
        return [
          ...(isReview ? [...this.#look(), ...this.#question()] : []),
          {
            name: "submit_review",
            input: {
              verdict,
              summary: "Read",
              findings: isReview
                ? this.#findings()
                : verdict === "approve"
                  ? []
                  : [{ path: this.#at("src/a.txt"), severity: "major", message: "No" }],
            },
          },
        ];
      }
      default:
        return this.#code(mode);
    }
  }

  #code(mode: RunMode): Call[] {
    const { chance } = this.#world;
    const finish = (outcome: string): Call => ({
      name: "finish",
      input: {
        title: "Change it",
        summary: `Changed ${this.#nextId}.`,
        outcome,
        tasks: modeLaws[mode].hasTasks ? [0] : [],
      },
    });
    if (this.isSound) {
      const source = this.#at("src/a.txt");
      const folder = source.slice(0, source.indexOf("src/"));
      const change: Call = { name: "write_file", input: { path: source, content: `FIXED ${this.#nextId}` } };
      const reset: Call = { name: "shell", input: { command: "reset" } };
      return [reset, ...this.#more(), ...this.#regressionTest(mode, 1, folder), change, finish("done")];
    }
    const calls: Call[] = [...this.#undo(), ...this.#regressionTest(mode, 0.6), this.#change()];
    if (this.#folders.length > 1 && chance.happens(0.6)) calls.push(this.#change());
    if (chance.happens(0.25)) calls.push(this.#change());
    if (chance.happens(0.15))
      calls.push({
        name: chance.pick(["run_tests", "grep", "git_diff", "read_file", "list_files"]),
        input: { ...(chance.happens(0.5) ? {} : { path: this.#at("src/a.txt") }) },
      });
    calls.push(...this.#question());
    if (chance.happens(0.25)) return calls;
    return [...calls, finish(chance.happens(0.04) ? "declined" : "done")];
  }

  /** A second repository's part of sound work. */
  #more(): readonly Call[] {
    if (this.#folders.length === 1 || !this.#world.chance.happens(0.4)) return [];
    // Policy blocks one repository now and then, so that people leave it out.
    const content = this.#world.chance.happens(0.15) ? "AKIAQ7WERTY2K4MNBVCX" : "plain";
    return [{ name: "write_file", input: { path: this.#at("src/new.txt"), content: `${content} ${this.#nextId}` } }];
  }

  /** Where there are several repositories, the work is sometimes begun anew. */
  #undo(): readonly Call[] {
    if (this.#folders.length === 1 || !this.#world.chance.happens(0.12)) return [];
    return [{ name: "shell", input: { command: "reset" } }];
  }

  /** The repositories that triage chooses, each with its reason; sometimes none, or one that is not there. */
  #choice(isOpen: boolean): { readonly repositories?: readonly unknown[] } {
    const { chance } = this.#world;
    if (!isOpen) return {};
    if (!this.isSound && chance.happens(0.08)) return {};
    const named = this.#folders.filter(() => chance.happens(0.7));
    const folders = named.length === 0 ? this.#folders.slice(0, 1) : named;
    const all = !this.isSound && chance.happens(0.05) ? [...folders, "nowhere"] : folders;
    return { repositories: all.map((repository) => ({ repository, reason: "It is there." })) };
  }

  #change(): Call {
    const { chance } = this.#world;
    const kind = chance.weighted([
      ["write", 5],
      ["edit", 2],
      ["shell", 2],
      ["remove", 1],
    ]);
    if (kind === "edit")
      return {
        name: "edit_file",
        input: { path: this.#at("src/a.txt"), old_string: "bug", new_string: `FIXED ${this.#nextId}.` },
      };
    if (kind === "remove") {
      const removed = this.#at(chance.pick(["src/b.txt", "test/base.test.txt"]));
      return { name: "shell", input: { command: `rm ${removed}` } };
    }
    const inside = chance.pick([
      "src/new.txt",
      "src/a.txt",
      "src/b.txt",
      "test/a.test.txt",
      "test/base.test.txt",
      ".github/workflows/ci.yml",
    ]);
    const path = this.#at(inside);
    const token = chance.weighted([
      ["plain", 8],
      ["FIXED", 3],
      ["BROKEN", 2],
      ["AKIAQ7WERTY2K4MNBVCX", 1],
    ]);
    const content = `${inside.startsWith("test/") && token !== "BROKEN" ? "WANTS-FIX" : token} ${this.#nextId}`;
    return kind === "write"
      ? { name: "write_file", input: { path, content } }
      : { name: "shell", input: { command: `set ${path} ${content}` } };
  }

  #look(): readonly Call[] {
    if (this.isSound || !this.#world.chance.happens(0.4)) return [];
    return [
      { name: this.#world.chance.pick(["git_diff", "read_file", "grep"]), input: { path: this.#at("src/a.txt") } },
    ];
  }

  /** On lines that the diff shows and on others. */
  #findings(): readonly unknown[] {
    const { chance } = this.#world;
    return Array.from({ length: chance.int(3) }, () => ({
      path: chance.pick(["src/a.txt", "src/b.txt"]),
      severity: "major",
      message: `No ${this.#nextId}`,
      ...(chance.happens(0.8) ? { line: 1 + chance.int(3) } : {}),
      ...(chance.happens(0.3) ? { suggestion: "b" } : {}),
    }));
  }

  #regressionTest(mode: RunMode, probability: number, folder?: string): readonly Call[] {
    if (!modeLaws[mode].provesABug || !this.#world.chance.happens(probability)) return [];
    const path = folder === undefined ? this.#at("test/b.test.txt") : `${folder}test/b.test.txt`;
    return [{ name: "write_file", input: { path, content: `WANTS-FIX ${this.#nextId}` } }];
  }

  #question(): readonly Call[] {
    return this.#world.chance.happens(0.06) ? [{ name: "ask_person", input: { question: "Which?" } }] : [];
  }

  #tasks(): readonly unknown[] {
    const count = 1 + this.#world.chance.int(3);
    const isTree = this.#world.chance.happens(0.4);
    return Array.from({ length: count }, (_, index) => ({
      title: `Task ${index}`,
      type: isTree && index === 0 ? "story" : "task",
      description: "Do it",
      acceptance_criteria: [],
      depends_on: index <= (isTree ? 1 : 0) ? [] : [index - 1],
      ...(isTree && index > 0 ? { parent: 0 } : {}),
    }));
  }

  #mischief(calls: Call[]): void {
    const { chance } = this.#world;
    const kind = chance.pick([
      "says nothing",
      "unknown tool",
      "other stage's tool",
      "bad input",
      "bad JSON",
      "flood",
      "calls after the end",
      "bad plan",
    ]);
    this.#world.fault(`model ${kind}`);
    if (kind === "says nothing") calls.length = 0;
    else if (kind === "unknown tool") calls.splice(0, chance.int(2), { name: "open_the_gate", input: {} });
    else if (kind === "other stage's tool")
      calls.unshift({ name: chance.pick(["finish", "submit_triage", "submit_plan", "write_file"]), input: {} });
    else if (kind === "bad input")
      calls.splice(0, 1, { name: calls[0]?.name ?? "finish", input: chance.pick(badInputs) });
    else if (kind === "bad JSON")
      calls.splice(0, 1, { name: calls[0]?.name ?? "finish", input: null, invalidJson: '{"path": "src/a' });
    else if (kind === "flood")
      calls.unshift(
        ...Array.from({ length: 30 + chance.int(30) }, (_, at): Call => ({
          name: "grep",
          input: { pattern: `p${at}` },
        })),
      );
    else if (kind === "calls after the end") calls.push(this.#change());
    else
      calls.splice(0, calls.length, {
        name: "submit_plan",
        input: {
          summary: "Plan",
          tasks: [{ title: "T", type: "task", description: "", acceptance_criteria: [], depends_on: [3] }],
        },
      });
  }
}
