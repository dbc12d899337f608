import { createHash } from 'node:crypto'
import type { JsonObject } from '../base/json.ts'
import { copyOfStore } from './apis/store.ts'
import { refuse } from './model/answer.ts'
import type { World } from './model/world.ts'

/** Returns whether a request only asks if it would succeed; such a request runs on a copy of the world. */
export function isDryRun(query: URLSearchParams, body: JsonObject): boolean {
  const asked = query.get('dryRun') ?? ''
  if (asked !== '' && asked !== 'all') refuse(400, `dry_run: Unsupported value '${asked.slice(0, 100)}'. Allowed: all.`)
  const flags = [asked, query.get('validateOnly'), body.dryRun, body.validateOnly]
  return flags.some((flag) => flag !== undefined && flag !== null && !/^(false)?$/i.test(String(flag)))
}

/** Copies the world so that nothing done to the copy reaches the original, random bytes included. */
export function copyOf(world: World): World {
  let count = 0
  return {
    ...world,
    projects: structuredClone(world.projects),
    repositories: structuredClone(world.repositories),
    shapes: copyOfStore(world.shapes),
    random: (bytes) => createHash('sha512').update(`dry run ${count++}`).digest().subarray(0, bytes),
  }
}
