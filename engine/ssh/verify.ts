import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isPattern, principalsOf, readAllowedSigners } from '../approval/allowed-signers.ts'
import { certifiedPrincipals } from '../approval/key-identity.ts'
import { type PublicKey, readSignature } from '../approval/ssh-signature.ts'
import { NAMESPACE, type Signed, type Statement, statementText } from '../approval/statement.ts'
import { includesPrincipal, type SignatureVerdict } from '../approval/verdict.ts'
import { runKeygen, type SshHost, type SshResult } from './keygen.ts'

/**
 * What signatures are checked with: the text of the allowed signers, the bytes of the revoked keys, other principals that a
 * key may belong to, and the time to check at, by default now.
 */
export type Trust = { allowedSigners: string; revokedKeys?: Uint8Array; principals: string[]; at?: Date }

/** Checks a statement's signature. Throws UserError. */
export const verifyStatement = (
  { statement, signature }: Signed<Statement>,
  trust: Trust,
  host: SshHost,
): Promise<SignatureVerdict> => verifySignature(statementText(statement), signature, NAMESPACE, trust, host)

/** Checks a signature over text with ssh-keygen: its exit code decides, its messages only explain. Throws UserError. */
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
    const keep = async (name: string, content: string | Uint8Array) => {
      const file = join(folder, name)
      await writeFile(file, content, { mode: 0o600 })
      return file
    }
    const signed = await keep('signature', signature)
    const allowed = await keep('allowed_signers', trust.allowedSigners)
    const revoked = trust.revokedKeys && (await keep('revoked_keys', trust.revokedKeys))
    const { at } = trust
    const asOf = at === undefined ? [] : ['-O', `verify-time=${at.toISOString().replaceAll(/\D/g, '').slice(0, 14)}`]
    const keygen = (...argv: string[]) => runKeygen([...argv, '-s', signed], host, text)
    const verdict = await judge(read.key, trust, {
      find: () => keygen('-Y', 'find-principals', '-f', allowed, ...asOf),
      verify: (principal) => keygen('-Y', 'verify', '-f', allowed, '-I', principal, '-n', namespace, ...asOf),
      unrevoked: async (principal) => {
        if (revoked === undefined) return true
        const argv = ['-Y', 'verify', '-f', allowed, '-I', principal, '-n', namespace, '-r', revoked, ...asOf]
        return (await keygen(...argv)).exitCode === 0
      },
    })
    if (verdict.verdict === 'good') return verdict
    // A flaw of the signature itself is more telling than one of its signer.
    const sound = (await keygen('-Y', 'check-novalidate', '-n', namespace)).exitCode === 0
    return sound ? verdict : { verdict: 'broken', key }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The questions that ssh-keygen answers about a signature. */
type Asked = {
  find(): Promise<SshResult>
  verify(principal: string): Promise<SshResult>
  unrevoked(principal: string): Promise<boolean>
}

async function judge(
  { fingerprint: key, blob }: PublicKey,
  { allowedSigners, principals }: Trust,
  { find, verify, unrevoked }: Asked,
): Promise<SignatureVerdict> {
  const found = await find()
  const named = found.exitCode === 0 ? found.stdout.split('\n').filter((name) => name !== '') : []
  if (named.length === 0)
    return validity(found.stderr) === undefined
      ? { verdict: 'unknown-key', key }
      : { verdict: 'not-valid', key, says: validity(found.stderr) ?? '' }
  // A pattern in the list would let a key be anybody who matches: only principals that the list or certificate names count.
  const certified = certifiedPrincipals(Buffer.from(blob, 'base64')).filter((name) => !isPattern(name))
  const listed = [...principalsOf(readAllowedSigners(allowedSigners), key), ...certified]
  const known: string[] = []
  let says: string | undefined
  for (const principal of new Set([...listed, ...principals])) {
    const { exitCode, stderr } = await verify(principal)
    if (exitCode === 0) known.push(principal)
    else says ??= validity(stderr)
  }
  const names = known.filter((principal) => includesPrincipal(listed, principal))
  const [first] = names
  if (first === undefined) {
    const pattern = named.find(isPattern)
    if (says === undefined && pattern !== undefined) return { verdict: 'nameless', key, pattern }
    return { verdict: 'not-valid', key, says: says ?? 'ssh-keygen does not accept it' }
  }
  return (await unrevoked(first))
    ? { verdict: 'good', signer: { principals: names.sort(), key } }
    : { verdict: 'revoked', key }
}

/** Returns ssh-keygen's reason why a listed key doesn't count: expired, not yet valid, for other namespaces. */
const validity = (stderr: string): string | undefined => /^[^\n]*:\d+: (key [^\n]*)$/m.exec(stderr)?.[1]
