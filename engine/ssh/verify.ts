import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSignature } from '../approval/ssh-signature.ts'
import { NAMESPACE, type Signed, type Statement, statementText } from '../approval/statement.ts'
import type { SignatureVerdict } from '../approval/verdict.ts'
import { runKeygen, type SshHost, type SshResult } from './keygen.ts'

/** By which files signatures are checked, absolute, the principals that a key may turn out to be, and as of when: now, where it is left out. */
export type Trust = { allowedSigners: string; revokedKeys?: string; principals: string[]; at?: Date }

/** Checks a statement's signature. Throws Problem. */
export const verifyStatement = (
  { statement, signature }: Signed<Statement>,
  trust: Trust,
  host: SshHost,
): Promise<SignatureVerdict> => verifySignature(statementText(statement), signature, NAMESPACE, trust, host)

/** Checks the signature over a text with ssh-keygen: its exit code decides, its messages only say why not. Throws Problem. */
export async function verifySignature(
  text: string,
  signature: string,
  namespace: string,
  trust: Trust,
  host: SshHost,
): Promise<SignatureVerdict> {
  const read = readSignature(signature)
  if (read === undefined) return { verdict: 'unreadable' }
  const { fingerprint: key } = read.key
  if (read.namespace !== namespace)
    return { verdict: 'wrong-namespace', key, namespace: read.namespace, wanted: namespace }
  const folder = await mkdtemp(join(tmpdir(), 'breakglass-signature-'))
  try {
    const file = join(folder, 'signature')
    await writeFile(file, signature, { mode: 0o600 })
    const keygen = (...argv: string[]) => runKeygen([...argv, '-s', file], host, text)
    return await judge(key, namespace, trust, keygen)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function judge(
  key: string,
  namespace: string,
  { allowedSigners, revokedKeys, principals, at }: Trust,
  keygen: (...argv: string[]) => Promise<SshResult>,
): Promise<SignatureVerdict> {
  const asOf = at === undefined ? [] : ['-O', `verify-time=${at.toISOString().replaceAll(/\D/g, '').slice(0, 14)}`]
  const sound = await keygen('-Y', 'check-novalidate', '-n', namespace)
  if (sound.exitCode !== 0) return { verdict: 'broken', key }
  const found = await keygen('-Y', 'find-principals', '-f', allowedSigners, ...asOf)
  const named = found.exitCode === 0 ? found.stdout.split('\n').filter((name) => name !== '') : []
  if (named.length === 0)
    return validity(found.stderr) === undefined
      ? { verdict: 'unknown-key', key }
      : { verdict: 'not-valid', key, says: validity(found.stderr) ?? '' }
  // find-principals stops at the first line of a key; the same key may stand under other principals too.
  const known: string[] = []
  let says: string | undefined
  for (const principal of new Set([...named, ...principals])) {
    const verify = ['-Y', 'verify', '-f', allowedSigners, '-I', principal, '-n', namespace, ...asOf]
    const { exitCode, stderr } = await keygen(...verify)
    if (exitCode === 0) known.push(principal)
    else says ??= validity(stderr)
  }
  const [first] = known
  if (first === undefined) return { verdict: 'not-valid', key, says: says ?? 'ssh-keygen does not accept it' }
  if (revokedKeys === undefined) return { verdict: 'good', signer: { principals: known.sort(), key } }
  const unrevoked = ['-Y', 'verify', '-f', allowedSigners, '-I', first, '-n', namespace, '-r', revokedKeys, ...asOf]
  const { exitCode } = await keygen(...unrevoked)
  return exitCode === 0 ? { verdict: 'good', signer: { principals: known.sort(), key } } : { verdict: 'revoked', key }
}

/** What ssh-keygen says of a key that stands in the file and doesn't count: expired, not yet valid, for other namespaces. */
const validity = (stderr: string): string | undefined => /^[^\n]*:\d+: (key [^\n]*)$/m.exec(stderr)?.[1]
