import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NAMESPACE } from '../approval/statement.ts'
import { describeVerdict, nameOfSigner, type SignatureVerdict } from '../approval/verdict.ts'
import { misplaced, type PersonSigned, type SignedLog } from '../audit/verify-people.ts'
import { inScratch } from '../disk/scratch.ts'
import { canCheckSignatures, type SshHost } from '../ssh/keygen.ts'
import { type Trust, verifyStatement } from '../ssh/verify.ts'
import type { Evidence } from './read-evidence.ts'

/** A person's signature that counts: which entry has it, who it was by which list, with which key and for which purpose. */
export type PersonChecked = {
  entry: number
  as: string
  who: string
  key: string
  namespace: string
  at: string
  list: 'given' | 'as used'
}

/** What the signatures of people prove, what is wrong with them, and what could not be told. */
export type People = { by: PersonChecked[]; wrong: string[]; unchecked: string[] }

const AS: Record<PersonSigned['type'], string> = {
  'operator.identified': 'Operator',
  'plan.approved': 'Approved',
  'override.countersigned': 'Countersigned',
}

/**
 * Checks what people have signed in a log: that it is about this very log, and by ssh-keygen whose signature it is, as of
 * the time that it says. The list of signers is the reader's own, else the one that the run used, which lies beside the log.
 */
export async function checkPeople(
  read: SignedLog,
  sources: Evidence['sources'],
  elsewhere: string | undefined,
  host: SshHost,
): Promise<People> {
  const { signed } = read
  const people: People = { by: [], wrong: [], unchecked: [] }
  if (signed.length === 0) return people
  if (!(await canCheckSignatures(host)))
    return { ...people, unchecked: [`${entriesOf(signed)}: there is no ssh-keygen on the PATH`] }
  return inScratch(async (folder) => {
    for (const one of signed) {
      const where = `the signature in entry ${one.entry} (${one.type})`
      const elsewhereThan = misplaced(one, read)
      if (elsewhereThan !== undefined) people.wrong.push(`${where} does not count: ${elsewhereThan}`)
      const trust = await trustFor(one, elsewhere, sources, folder)
      const found = await verifyStatement(one, trust.files, host)
      const why = trust.list === 'none' ? brokenBy(found) : whyNot(found, one, trust.list)
      if (why !== undefined) people.wrong.push(`${where} does not count: ${why}`)
      else if (found.verdict !== 'good' || trust.list === 'none')
        people.unchecked.push(
          `whose the signature in entry ${one.entry} is (${one.type}, key ${one.signer.key}): the list of signers that the run used (${one.digest ?? 'not named'}) is not beside the log; name one: --allowed-signers FILE`,
        )
      else
        people.by.push({
          ...{ entry: one.entry, as: AS[one.type], who: nameOfSigner(found.signer), key: found.signer.key },
          ...{ namespace: NAMESPACE, at: one.statement.at, list: trust.list },
        })
    }
    return people
  })
}

const entriesOf = (signed: PersonSigned[]): string =>
  `the signatures in ${signed.length === 1 ? 'entry' : 'entries'} ${signed.map(({ entry }) => entry).join(', ')}`

type Trusted = { files: Trust; list: PersonChecked['list'] | 'none' }

async function trustFor(
  { signer, statement, digest, revoked }: PersonSigned,
  elsewhere: string | undefined,
  sources: Evidence['sources'],
  folder: string,
): Promise<Trusted> {
  const used = digest === undefined ? undefined : sources.get(digest.replace(/^sha256:/, ''))
  const keys = revoked === undefined ? undefined : sources.get(revoked.replace(/^sha256:/, ''))
  const allowedSigners = join(folder, 'allowed_signers')
  await writeFile(allowedSigners, elsewhere ?? used ?? '')
  const at = new Date(statement.at)
  const files: Trust = { allowedSigners, principals: signer.principals, ...(Number.isNaN(at.getTime()) ? {} : { at }) }
  if (elsewhere !== undefined) return { files, list: 'given' }
  if (used === undefined) return { files, list: 'none' }
  if (keys === undefined) return { files, list: 'as used' }
  const revokedKeys = join(folder, 'revoked_keys')
  await writeFile(revokedKeys, keys)
  return { files: { ...files, revokedKeys }, list: 'as used' }
}

/** What is wrong with a signature whoever made it; without a list of signers nothing else can be told. */
function brokenBy(found: SignatureVerdict): string | undefined {
  switch (found.verdict) {
    case 'unreadable':
    case 'wrong-namespace':
    case 'broken':
      return describeVerdict(found)
    case 'good':
    case 'unknown-key':
    case 'not-valid':
    case 'revoked':
      return undefined
  }
}

/** Why a signature doesn't count by a list; it must be by the key that the entry says, and by the list that the run used of whom it says. */
function whyNot(found: SignatureVerdict, { signer }: PersonSigned, list: PersonChecked['list']): string | undefined {
  if (found.verdict !== 'good') return describeVerdict(found)
  if (found.signer.key !== signer.key) return `it is by the key ${found.signer.key}, and the entry says ${signer.key}`
  const same = found.signer.principals.join('\n') === [...signer.principals].sort().join('\n')
  return same || list === 'given'
    ? undefined
    : `it is by ${nameOfSigner(found.signer)}, and the entry says ${nameOfSigner(signer)}`
}
