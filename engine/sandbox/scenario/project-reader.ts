import type { Json } from '../../base/json.ts'

/** How a project is read: gcloud commands, URLs, and which secrets have equal values. Throws if something can't be read. */
export type ProjectReader = {
  /** Returns what a command prints; undefined if the resource doesn't exist. */
  json(argv: string[]): Promise<Json | undefined>
  /** Returns the status of a URL. */
  status(url: string): Promise<number | undefined>
  /** Returns a placeholder for a secret's newest value: equal for equal values, and revealing none of it. */
  placeholder(secret: string): Promise<string>
}
