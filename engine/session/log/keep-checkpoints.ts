import { type Checkpoint, type Checkpoints, makeCheckpoints, type Occasion } from '../../audit/checkpoint.ts'
import { NAMESPACE, signerLine } from '../../audit/signature.ts'
import { printable } from '../../base/printable.ts'
import { describeTrouble } from '../../disk/fs-errors.ts'
import { keepCheckpoint, keepSignature } from '../../disk/logs/checkpoint-folder.ts'
import { unattended } from '../../ssh/keygen.ts'
import { findSigningKey, type SigningKey } from '../../ssh/keys.ts'
import { type Signature, signText } from '../../ssh/sign.ts'
import { painter } from '../../terminal/screen.ts'
import { sshHost } from '../approvals/choose-key.ts'
import type { Print } from '../host/output.ts'
import type { Runtime } from '../host/runtime.ts'
import type { LockedIncident } from '../locks/locked-incident.ts'

/** A key that signs this fast may sign before each change too; a hardware key that waits for a touch doesn't. */
const QUICK_MS = 250

/** A run's checkpoints on disk, and a description of their signatures when it ends. */
export type KeptCheckpoints = Checkpoints & { signedBy(): string }

/**
 * Stores a run's checkpoints with its log. They are signed when the run opens and closes, and before each change as long as
 * the key is quick. Trouble with the key or a file never stops a run and is always reported.
 */
export async function keepCheckpoints(
  { incident, paths, log }: LockedIncident,
  given: string | undefined,
  print: Print,
  runtime: Runtime,
): Promise<KeptCheckpoints> {
  const key = await findSigningKey(given, runtime.operator, runtime.environment, unattended(sshHost(runtime)))
  const sign = key && signerWith(key, print, runtime)
  let trouble: string | undefined
  const keep = async (checkpoint: Checkpoint, occasion: Occasion): Promise<string | undefined> => {
    await keepCheckpoint(paths, checkpoint)
    const signed = await sign?.(checkpoint.text, occasion)
    if (key === undefined || signed === undefined) return trouble
    if (!signed.ok) return `The log is not signed: ${signed.why} (key of ${key.from})`
    await keepSignature(paths, checkpoint, signed.signature, signerLine(key.identity, signed.signature))
    return undefined
  }
  const checkpoints = makeCheckpoints(incident, log.lines, async (checkpoint, occasion) => {
    const found = await keep(checkpoint, occasion).catch(
      (error: unknown) => `The checkpoint could not be written: ${describeTrouble(error)}`,
    )
    if (found !== undefined && found !== trouble) warn(`${found}. The run continues.`, runtime)
    trouble = found
  })
  return { ...checkpoints, signedBy: () => describeSigning(key, trouble) }
}

const warn = (text: string, { terminal, err }: Runtime): void => err(painter(terminal.colour)('warn', printable(text)))

function describeSigning(key: SigningKey | undefined, trouble: string | undefined): string {
  if (trouble !== undefined) return `no: ${trouble}`
  return key
    ? `by ${key.identity} with ${key.key.name}`
    : "no: no SSH key (use --sign-key FILE or git's user.signingkey)"
}

/** Returns a function that signs with a key; before a change it signs only if the key was quick the last time. */
function signerWith({ key }: SigningKey, print: Print, runtime: Runtime) {
  let quick = false
  return async (text: string, occasion: Occasion): Promise<Signature | undefined> => {
    if (occasion === 'intent' && !quick) return undefined
    const started = runtime.now().getTime()
    const waiting = setTimeout(
      () => print(`Waiting for the key ${printable(key.name)} to sign. If it is a hardware key, touch it.`),
      1500,
    )
    const host = unattended(sshHost(runtime))
    const signed = await signText(text, NAMESPACE, key, host).finally(() => clearTimeout(waiting))
    quick = signed.ok && runtime.now().getTime() - started < QUICK_MS
    return signed
  }
}
