import { RepositoryState, type CiStatus } from "../fakes/forge/repository-state.ts";
import type { SimulatedRepository } from "./run-start.ts";

/** A repository on the forge, with the approved hash behind each commit, branch and pull request. */
export class Site {
  readonly repository: SimulatedRepository;
  readonly named: string;
  readonly state: RepositoryState;
  readonly commits = new Map<string, string>();
  readonly branches = new Map<string, string>();
  readonly pulls = new Map<string, string>();
  isRevoked = false;
  /** The states of CI, by the number of times that it was read. */
  ci: readonly CiStatus[] = [{ status: "completed", conclusion: "success" }];
  #looks = 0;

  constructor(repository: SimulatedRepository) {
    this.repository = repository;
    this.named = `${repository.source.owner}/${repository.source.name}`;
    this.state = new RepositoryState(repository.files, repository.baseCommit);
    this.state.ci = () => {
      this.#looks += 1;
      return this.ci[Math.min(this.#looks, this.ci.length) - 1];
    };
  }
}
