import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderRepositories, type OrderedRepository } from "../../../domain/packages/dependency-order.ts";
import { readManifest } from "../../../domain/packages/manifests.ts";

interface Needs {
  readonly [name: string]: string;
}

/** A repository with one package of npm of the same name. */
function repository(id: string, needs: Needs = {}, declaredDependsOn: readonly string[] = []): OrderedRepository {
  const manifest = readManifest("package.json", JSON.stringify({ name: `@acme/${id}`, dependencies: needs }));
  return { repositoryId: id, name: id, manifests: manifest === undefined ? [] : [manifest], declaredDependsOn };
}

const order = (repositories: readonly OrderedRepository[]): readonly string[] => orderRepositories(repositories).order;

describe("the order of repositories", () => {
  it("puts a library before its consumer, and says why", () => {
    expect(orderRepositories([repository("app", { "@acme/units": "^1.2.0" }), repository("units")])).toEqual({
      order: ["units", "app"],
      edges: [{ from: "app", to: "units", because: "app/package.json depends on @acme/units ^1.2.0" }],
      cycle: undefined,
    });
  });

  it("follows what the project says", () => {
    const { edges, order: ids } = orderRepositories([repository("app", {}, ["units"]), repository("units")]);
    expect(ids).toEqual(["units", "app"]);
    expect(edges).toEqual([{ from: "app", to: "units", because: "the project says so" }]);
  });

  it("gives one edge for two reasons, with the manifest's", () => {
    const { edges } = orderRepositories([repository("app", { "@acme/units": "1" }, ["units"]), repository("units")]);
    expect(edges.map(({ because }) => because)).toEqual(["app/package.json depends on @acme/units 1"]);
  });

  it("names the kind of a dependency that is none at run time", () => {
    const manifest = readManifest("pkg/package.json", `{"name":"app","devDependencies":{"@acme/units":"*"}}`);
    const app = { ...repository("app"), manifests: manifest === undefined ? [] : [manifest] };
    expect(orderRepositories([app, repository("units")]).edges[0]?.because).toBe(
      "app/pkg/package.json depends on @acme/units * (development)",
    );
  });

  it("keeps the given order of the independent", () => {
    expect(order(["c", "a", "b"].map((id) => repository(id)))).toEqual(["c", "a", "b"]);
  });

  it("moves only what has to wait", () => {
    expect(order([repository("app", { "@acme/units": "1" }), repository("site"), repository("units")])).toEqual([
      "site",
      "units",
      "app",
    ]);
  });

  it("orders a chain and a diamond", () => {
    const needs = (...names: readonly string[]): Needs =>
      Object.fromEntries(names.map((name) => [`@acme/${name}`, "1"]));
    expect(
      order([
        repository("top", needs("left", "right")),
        repository("left", needs("base")),
        repository("right", needs("base")),
        repository("base"),
      ]),
    ).toEqual(["base", "left", "right", "top"]);
  });

  it("does not mix ecosystems", () => {
    const go = readManifest("go.mod", "module units\n");
    const units = { ...repository("units"), manifests: go === undefined ? [] : [go] };
    expect(orderRepositories([repository("app", { units: "1" }), units]).edges).toEqual([]);
  });

  it("takes a package that the repository has itself for its own", () => {
    const twin = {
      ...repository("app"),
      manifests: [...repository("app", { "@acme/units": "1" }).manifests, ...repository("units").manifests],
    };
    expect(orderRepositories([repository("units"), twin]).edges).toEqual([]);
  });

  it("leaves out itself, unknown and repeated ids", () => {
    const twice = [repository("a", {}, ["a", "ghost"]), repository("b"), repository("a", {}, ["b"])];
    expect(orderRepositories(twice)).toEqual({ order: ["a", "b"], edges: [], cycle: undefined });
  });

  it("reports a cycle, and orders the rest around it", () => {
    const repositories = [
      repository("app", { "@acme/a": "1" }),
      repository("a", { "@acme/b": "1" }),
      repository("b", { "@acme/a": "1", "@acme/base": "1" }),
      repository("base"),
    ];
    const { cycle, order: ids } = orderRepositories(repositories);
    expect(cycle).toEqual(["a", "b"]);
    expect(ids).toEqual(["base", "a", "b", "app"]);
  });

  it("gives only the repositories on the cycle, in its direction", () => {
    const { cycle } = orderRepositories([
      repository("x", {}, ["y"]),
      repository("y", {}, ["z"]),
      repository("z", {}, ["x", "tail"]),
      repository("tail"),
    ]);
    expect(cycle).toEqual(["x", "y", "z"]);
  });

  it("is empty for none", () => {
    expect(orderRepositories([])).toEqual({ order: [], edges: [], cycle: undefined });
  });

  it("takes names of the prototype for ids", () => {
    expect(order([repository("constructor", {}, ["__proto__"]), repository("__proto__")])).toEqual([
      "__proto__",
      "constructor",
    ]);
  });
});

/** Up to nine repositories that depend on each other at random. */
const graphs = fc
  .integer({ min: 0, max: 9 })
  .chain((size) =>
    fc.array(fc.array(fc.nat({ max: Math.max(size - 1, 0) }), { maxLength: 3 }), { minLength: size, maxLength: size }),
  )
  .map((needs) =>
    needs.map((each, index) =>
      repository(
        `r${index}`,
        {},
        each.map((to) => `r${to}`),
      ),
    ),
  );

describe("for every graph", () => {
  it("the order is a permutation, and each dependency that is on no cycle comes first", () => {
    fc.assert(
      fc.property(graphs, (repositories) => {
        const { edges, order: ids } = orderRepositories(repositories);
        expect(ids.toSorted()).toEqual(repositories.map(({ repositoryId }) => repositoryId).toSorted());
        const reaches = (from: string, target: string, seen = new Set<string>()): boolean =>
          edges.some((edge) => {
            if (edge.from !== from || seen.has(edge.to)) return false;
            seen.add(edge.to);
            return edge.to === target || reaches(edge.to, target, seen);
          });
        for (const { from, to } of edges) {
          if (!reaches(to, from)) expect(ids.indexOf(to)).toBeLessThan(ids.indexOf(from));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("a cycle is one, and there is none exactly when the order respects every edge", () => {
    fc.assert(
      fc.property(graphs, (repositories) => {
        const { cycle, edges, order: ids } = orderRepositories(repositories);
        const isRespected = edges.every(({ from, to }) => ids.indexOf(to) < ids.indexOf(from));
        expect(cycle === undefined).toBe(isRespected);
        expect(new Set(cycle).size).toBe((cycle ?? []).length);
        cycle?.forEach((from, index) => {
          const to = cycle[(index + 1) % cycle.length];
          expect(edges.some((edge) => edge.from === from && edge.to === to)).toBe(true);
        });
      }),
      { numRuns: 500 },
    );
  });

  it("the same input gives the same order, and ordering it again changes nothing", () => {
    fc.assert(
      fc.property(graphs, (repositories) => {
        const first = orderRepositories(repositories);
        const again = first.order.flatMap((id) => repositories.filter(({ repositoryId }) => repositoryId === id));
        if (first.cycle === undefined) expect(orderRepositories(again).order).toEqual(first.order);
      }),
      { numRuns: 300 },
    );
  });
});
