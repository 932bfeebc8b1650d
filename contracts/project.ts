import * as z from "zod";
import { idSchema, personSchema, roleSchema, timeMsSchema } from "./common.ts";
import { runModes, runStateSchema } from "./run.ts";

export const tenantSchema = z.object({ id: idSchema, name: z.string(), slug: z.string(), role: roleSchema });
export type Tenant = z.infer<typeof tenantSchema>;

export const meSchema = z
  .object({
    user: personSchema.extend({ email: z.string() }),
    tenants: z.array(tenantSchema),
    activeTenantId: idSchema,
  })
  .meta({ id: "Me" });
export type Me = z.infer<typeof meSchema>;

export const repositorySchema = z
  .object({
    id: idSchema,
    owner: z.string(),
    name: z.string(),
    defaultBranch: z.string(),
    description: z.string().nullable(),
    isPrivate: z.boolean(),
    primaryLanguage: z.string().nullable(),
    url: z.string(),
  })
  .meta({ id: "Repository" });
export type Repository = z.infer<typeof repositorySchema>;

export const projectSchema = z
  .object({
    id: idSchema,
    key: z.string(),
    name: z.string(),
    description: z.string(),
    createdAtMs: timeMsSchema,
    /** When it was archived; null: it was not. An archived project can be read and takes no writes until it is unarchived. */
    archivedAtMs: timeMsSchema.nullable(),
    /** Whether it has or had a ticket: its key can't change then. */
    hasHadTickets: z.boolean(),
    /** Those of its repositories that the asking person sees at the forge. */
    repositories: z.array(repositorySchema),
    /** How many more it has, which the person does not see, or about which the forge has not answered yet. */
    hiddenRepositoryCount: z.int().min(0),
  })
  .meta({ id: "Project" });
export type Project = z.infer<typeof projectSchema>;

/** The stages of a ticket's work. Each column of a board stands for one, whatever the column is called. */
export const ticketStages = ["backlog", "todo", "in_progress", "code_review", "qa", "done"] as const;
export const ticketStageSchema = z.enum(ticketStages);
export type TicketStage = z.infer<typeof ticketStageSchema>;

/** The id of a column, unique in its project. */
export const columnIdSchema = z.string().regex(/^[a-z0-9_]{1,60}$/, "must be the id of a column");

export const ticketTypes = ["epic", "story", "task", "bug"] as const;
export const ticketTypeSchema = z.enum(ticketTypes);
export const ticketPriorities = ["urgent", "high", "medium", "low", "none"] as const;
export const ticketPrioritySchema = z.enum(ticketPriorities);

/** The labels of a ticket. */
export const labelsSchema = z
  .array(z.string().min(1, "must not be empty").max(50, "may have at most 50 characters"))
  .max(20, "may have at most 20 labels");

export const ticketSchema = z
  .object({
    id: idSchema,
    projectId: idSchema,
    key: z.string(),
    type: ticketTypeSchema,
    title: z.string(),
    description: z.string(),
    acceptanceCriteria: z.string(),
    /** The id of its column, in one of the project's boards. */
    column: columnIdSchema,
    priority: ticketPrioritySchema,
    labels: z.array(z.string()),
    assignee: personSchema.nullable(),
    repository: z.object({ id: idSchema, owner: z.string(), name: z.string() }).nullable(),
    /** The newest run on this ticket. */
    run: z.object({ id: idSchema, state: runStateSchema, mode: z.enum(runModes) }).nullable(),
    parentId: idSchema.nullable(),
    /** The tickets of the same project that must be done before it can start, in the order of their ids; deleted ones too. */
    dependsOn: z.array(idSchema),
    /** Its comments that are not deleted. */
    commentCount: z.int().min(0),
    /** Orders the tickets of a column, compared character by character; equal ranks go by id. */
    rank: z.string(),
    /** Grows by one with each edit of the ticket's fields; an edit names the version that it has seen. */
    version: z.int().min(1),
    createdAtMs: timeMsSchema,
    updatedAtMs: timeMsSchema,
  })
  .meta({ id: "Ticket" });
export type Ticket = z.infer<typeof ticketSchema>;

/** Body of `POST /api/me/active-tenant`. */
export const switchTenantSchema = z.strictObject({ tenantId: idSchema }).meta({ id: "SwitchTenant" });
export type SwitchTenant = z.infer<typeof switchTenantSchema>;

const keySchema = z.string().regex(/^[A-Z]{2,6}$/, "must be 2 to 6 capital letters");
const projectNameSchema = z
  .string()
  .max(100, "may have at most 100 characters")
  .refine((text) => text.trim() !== "", "must not be empty");
const projectDescriptionSchema = z.string().max(10_000, "may have at most 10,000 characters");

/** Body of `POST /api/projects`. The first repository is the one that a run means when it names none. */
export const createProjectSchema = z
  .strictObject({
    key: keySchema,
    name: projectNameSchema,
    description: projectDescriptionSchema.default(""),
    repositoryIds: z
      .array(idSchema)
      .max(50, "may name at most 50 repositories")
      .refine((ids) => new Set(ids).size === ids.length, "names a repository twice")
      .default([]),
    /** Shell command that runs the tests; found out from the repository when absent. */
    testCommand: z.string().min(1).max(1000).optional(),
  })
  .meta({ id: "CreateProject" });
export type CreateProject = z.infer<typeof createProjectSchema>;

/**
 * Body of `PATCH /api/projects/{id}`: the fields that change. The key begins the keys of tickets, which are in branches, commits and pull
 * requests: it can't change once there was a ticket. An archived project takes `isArchived` alone.
 */
export const updateProjectSchema = z
  .strictObject({
    key: keySchema.optional(),
    name: projectNameSchema.optional(),
    description: projectDescriptionSchema.optional(),
    isArchived: z.boolean().optional(),
  })
  .meta({ id: "UpdateProject" });
export type UpdateProject = z.infer<typeof updateProjectSchema>;

/** The sentence that refuses a write of an archived project. */
export const projectIsArchived = "The project is archived and takes no changes. Unarchive it first.";

/** Body of `POST /api/projects/{id}/repositories`. */
export const addRepositoriesSchema = z
  .strictObject({
    repositoryIds: z
      .array(idSchema)
      .min(1, "Name at least one repository.")
      .max(50, "may name at most 50 repositories"),
  })
  .meta({ id: "AddRepositories" });
export type AddRepositories = z.infer<typeof addRepositoriesSchema>;

/** Body of `POST /api/projects/{id}/tickets`. The ticket goes to the end of its column. */
export const createTicketSchema = z
  .strictObject({
    type: ticketTypeSchema,
    title: z
      .string()
      .max(200, "may have at most 200 characters")
      .refine((text) => text.trim() !== "", "must not be empty"),
    description: z.string().max(50_000, "may have at most 50,000 characters").default(""),
    acceptanceCriteria: z.string().max(50_000, "may have at most 50,000 characters").default(""),
    /** Absent: the first column of the backlog. */
    column: columnIdSchema.optional(),
    priority: ticketPrioritySchema.default("none"),
    labels: labelsSchema.default([]),
    assigneeId: idSchema.optional(),
    repositoryId: idSchema.optional(),
    parentId: idSchema.optional(),
  })
  .meta({ id: "CreateTicket" });
export type CreateTicket = z.infer<typeof createTicketSchema>;

/** Public facts about this deployment that the sign-in page needs. */
export const deploymentSchema = z
  .object({ name: z.string(), version: z.string(), forgeUrl: z.string(), signIn: z.array(z.enum(["github"])) })
  .meta({ id: "Deployment" });
export type Deployment = z.infer<typeof deploymentSchema>;
