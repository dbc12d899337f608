import type { Json } from '../../base/json.ts'

/** How a project is looked at: reading gcloud commands, URLs, and which secrets have the same value. It throws where something can't be read. */
export type Look = {
  /** What a command prints; undefined where the thing isn't there. */
  json(argv: string[]): Promise<Json | undefined>
  /** The status that an URL answers. */
  status(url: string): Promise<number | undefined>
  /** A text that stands for the newest value of a secret: the same for the same value, and without any of it. */
  standIn(secret: string): Promise<string>
}
