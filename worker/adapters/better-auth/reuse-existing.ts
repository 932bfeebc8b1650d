import type { drizzleAdapter } from "better-auth/adapters/drizzle";
import { isUniqueViolation } from "../../db/client.ts";

type AdapterFactory = ReturnType<typeof drizzleAdapter>;

interface CreateInput<T> {
  model: string;
  data: Omit<T, "id">;
  select?: string[] | undefined;
  forceAllowId?: boolean | undefined;
}

/**
 * Lets two first sign-ins of one person at the same instant both succeed: the one that comes second to insert the person
 * or the account takes the row that the first has made. Addresses are verified by the forge before they come here, so
 * the row of the same address is the same person's.
 */
export function reuseExistingRows(factory: AdapterFactory): AdapterFactory {
  return (options) => {
    // D1 has no interactive transaction: the library's transactions run as a sequence, over this adapter too.
    const adapter = factory(options);
    async function create<T extends Record<string, unknown>, R = T>(input: CreateInput<T>): Promise<R> {
      try {
        return await adapter.create<T, R>(input);
      } catch (error) {
        const data: Readonly<Record<string, unknown>> = input.data;
        const fields =
          input.model === "user" && isUniqueViolation(error, "user.email")
            ? ["email"]
            : input.model === "account" && isUniqueViolation(error, "account.")
              ? ["providerId", "accountId", "userId"]
              : [];
        if (fields.length === 0) throw error;
        const where = fields.map((field) => ({ field, value: String(data[field]) }));
        const existing = await adapter.findOne<R>({ model: input.model, where });
        if (existing === null) throw error;
        return existing;
      }
    }
    const reusing: typeof adapter = { ...adapter, create, transaction: (callback) => callback(reusing) };
    return reusing;
  };
}
