/**
 * Keeps secrets sealed at rest. `identity` names the row that a secret belongs to; a secret that was sealed for one row does not open
 * for another. Errors are PortError: permanent `unknown_key` when the deployment's key that sealed it is gone, permanent
 * `sealed_elsewhere` for another row's or an altered secret.
 */
export interface Vault {
  /** The secret as text that may be stored. */
  seal(secret: string, identity: string): Promise<string>;
  open(sealed: string, identity: string): Promise<string>;
}
