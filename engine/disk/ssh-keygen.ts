import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { NAMESPACE } from '../audit/signature.ts'

/** The environment of this process, as it was given. */
export type GivenEnvironment = Readonly<Record<string, string | undefined>>

/** A signature, or why there is none, in a few words. */
export type Signed = { ok: true; signature: string } | { ok: false; why: string }

/** Who made a signature; undefined where it doesn't hold, or nobody in the list of signers made it. */
export type Signer = string | undefined

/** Time for a hand to reach a hardware key. */
const PATIENCE_MS = 30_000

/**
 * Signs a text with an SSH key: a file, or one in the agent whose public half the file has. It has no terminal of ours,
 * so a key that wants a passphrase fails at once and doesn't get between a person and a question.
 */
export async function signText(text: string, key: string, environment: GivenEnvironment): Promise<Signed> {
  const result = await runKeygen(['-Y', 'sign', '-q', '-f', key, '-n', NAMESPACE], text, environment)
  if (result.exitCode === 0 && result.stdout.startsWith('-----BEGIN SSH SIGNATURE-----'))
    return { ok: true, signature: `${result.stdout.trimEnd()}\n` }
  if (result.code === 'ENOENT') return { ok: false, why: 'there is no ssh-keygen on the PATH' }
  if (result.timedOut) return { ok: false, why: 'the key did not answer within 30 s' }
  if (/passphrase|read_passphrase/i.test(result.stderr))
    return { ok: false, why: `${key} wants a passphrase: \`ssh-add ${key}\` lends it to your agent` }
  return { ok: false, why: result.stderr.trim().split('\n').at(-1)?.slice(0, 300) || 'ssh-keygen failed' }
}

/** Finds out who made a text's signature, of those in a list of signers; answers undefined where it is nobody's of them. */
export async function whoSigned(
  text: string,
  signature: string,
  signers: string,
  environment: GivenEnvironment,
): Promise<Signer> {
  const folder = await mkdtemp(join(tmpdir(), 'breakglass-signature-'))
  try {
    const files = ['-s', join(folder, 'signature'), '-f', join(folder, 'signers')]
    await writeFile(join(folder, 'signature'), signature)
    await writeFile(join(folder, 'signers'), signers)
    const found = await runKeygen(['-Y', 'find-principals', ...files], '', environment)
    const identity = found.stdout.split('\n')[0]?.trim()
    if (found.exitCode !== 0 || !identity) return undefined
    const checked = await runKeygen(['-Y', 'verify', ...files, '-I', identity, '-n', NAMESPACE], text, environment)
    return checked.exitCode === 0 ? identity : undefined
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whether signatures can be checked on this machine. */
export const canCheckSignatures = async (environment: GivenEnvironment): Promise<boolean> =>
  (await runKeygen(['-Y', 'check-novalidate'], '', environment)).code !== 'ENOENT'

async function runKeygen(argv: string[], input: string, { PATH, HOME, SSH_AUTH_SOCK }: GivenEnvironment) {
  const result = await execa('ssh-keygen', argv, {
    env: { PATH: PATH ?? '', HOME: HOME ?? '', LC_ALL: 'C', ...(SSH_AUTH_SOCK ? { SSH_AUTH_SOCK } : {}) },
    extendEnv: false,
    // In a session of its own it finds no terminal to ask at.
    detached: true,
    reject: false,
    input,
    timeout: PATIENCE_MS,
  })
  const { stdout, stderr, timedOut, code } = result
  return { exitCode: result.exitCode ?? null, stdout: stdout ?? '', stderr: stderr ?? '', timedOut, code }
}
