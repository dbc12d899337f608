import { asReads } from './read-only.ts'
import { readPayload } from './secrets/versions.ts'
import type { Change } from './types.ts'
import type { Evidence, World } from './world.ts'

/** Runs a change once. The result is only evidence: the read-back decides whether the change happened. */
export async function perform(action: Change, world: World, timeoutMs: number): Promise<Evidence> {
  switch (action.kind) {
    case 'gcloud': {
      const { way, exitCode, stderr, durationMs, failure } = await world.gcloud({ ...action.command, timeoutMs })
      return { way, exitCode, stderr, durationMs, ...(failure ? { failure } : {}) }
    }
    case 'copy-secret':
      return copySecret(action, world, timeoutMs)
  }
}

async function copySecret(
  { from, to }: Extract<Change, { kind: 'copy-secret' }>,
  world: World,
  timeoutMs: number,
): Promise<Evidence> {
  const payload = await readPayload(asReads(world), from, timeoutMs)
  if ('state' in payload) {
    const message = `version ${from.version} in ${from.project} could not be read: ${payload.reason}`
    return { exitCode: null, stderr: '', durationMs: 0, failure: { cause: 'other', message } }
  }
  try {
    const argv = ['secrets', 'versions', 'add', to.secret, '--data-file=-']
    const result = await world.gcloud({
      argv,
      project: to.project,
      timeoutMs,
      stdin: payload.secret,
      secretOutput: true,
    })
    const { way, exitCode, durationMs, failure } = result
    return { way, exitCode, stderr: '', durationMs, ...(failure ? { failure } : {}) }
  } finally {
    payload.secret.wipe()
  }
}
