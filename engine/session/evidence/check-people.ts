import { fingerprintAsWritten } from '../../approval/key-identity.ts'
import { readSignature } from '../../approval/ssh-signature.ts'
import { NAMESPACE } from '../../approval/statement.ts'
import {
  describeVerdict,
  nameOfSigner,
  type SignatureVerdict,
  type Signer,
  samePerson,
} from '../../approval/verdict.ts'
import { verifyChain } from '../../audit/verify-chain.ts'
import { makeSignedReader, misplaced, type PersonSigned, type SignedLog } from '../../audit/verify-people.ts'
import type { SignatureChecked } from '../../record/timeline.ts'
import { canCheckSignatures, type SshHost } from '../../ssh/keygen.ts'
import { type Trust, verifyStatement } from '../../ssh/verify.ts'
import type { Evidence } from './read-evidence.ts'

/** A person's signature that counts: its entry, the signer and the list that identifies them, the key, and the purpose. */
export type PersonChecked = {
  entry: number
  as: string
  who: string
  key: string
  namespace: string
  at: string
  list: 'given' | 'as used'
}

/** What the signatures of people prove, what is wrong with them, and what could not be checked. */
export type People = {
  by: PersonChecked[]
  wrong: string[]
  unchecked: string[]
  /** The results by entry, without those that could not be checked. */
  checked: Map<number, SignatureChecked>
}

const AS: Record<PersonSigned['type'], string> = {
  'operator.identified': 'Operator',
  'plan.approved': 'Approved',
  'override.countersigned': 'Countersigned',
}

/**
 * Checks what people have signed in a log: that it is about this log, and with ssh-keygen whose signature it is, as of the
 * time that it states. The list of signers is the reader's own, or else the one that the run used, from the log's folder.
 */
export async function checkPeople(
  read: SignedLog,
  sources: Evidence['sources'],
  elsewhere: string | undefined,
  host: SshHost,
): Promise<People> {
  const { signed } = read
  const people: People = { by: [], wrong: [], unchecked: [], checked: new Map() }
  if (signed.length === 0) return people
  if (!(await canCheckSignatures(host)))
    return { ...people, unchecked: [`${entriesOf(signed)}: ssh-keygen is not on the PATH`] }
  const verified: Verified[] = []
  for (const one of signed) {
    const where = `the signature in entry ${one.entry} (${one.type})`
    const elsewhereThan = misplaced(one, read)
    const { trust, list } = trustFor(one, elsewhere, sources)
    const found = await verifyStatement(one, trust, host)
    const flaw = list === 'none' ? brokenBy(found) : whyNot(found, one, list)
    const flaws = [elsewhereThan, flaw].filter((why) => why !== undefined)
    for (const why of flaws) people.wrong.push(`${where} does not count: ${why}`)
    if (flaws.length > 0) people.checked.set(one.entry, { verified: false, why: flaws.join('; ') })
    if (flaw !== undefined) continue
    if (found.verdict !== 'good' || list === 'none')
      people.unchecked.push(
        `who signed entry ${one.entry} (${one.type}, key ${one.signer.key}): the list of signers that the run used (${one.digest ?? 'not named'}) is not in the log's folder; name one with --allowed-signers FILE`,
      )
    else {
      if (flaws.length === 0) people.checked.set(one.entry, { verified: true, list })
      if (flaws.length === 0) verified.push({ one, signer: found.signer })
      people.by.push({
        ...{ entry: one.entry, as: AS[one.type], who: nameOfSigner(found.signer), key: found.signer.key },
        ...{ namespace: NAMESPACE, at: one.statement.at, list },
      })
    }
  }
  for (const { entry, why } of ownConsents(verified)) {
    people.wrong.push(`the signature in entry ${entry} does not count: ${why}`)
    people.checked.set(entry, { verified: false, why })
  }
  return people
}

type Verified = { one: PersonSigned; signer: Signer }

/** Finds approvals by the operator of that time, and countersignatures by somebody who had started or resumed the run by then. */
function ownConsents(verified: Verified[]): { entry: number; why: string }[] {
  return verified.flatMap(({ one: { entry, run, type }, signer }) => {
    const operators = verified.filter(
      ({ one }) => one.run === run && one.type === 'operator.identified' && one.entry < entry,
    )
    const among = type === 'plan.approved' ? [operators.at(-1)] : operators
    if (type === 'operator.identified' || !among.some((each) => each && samePerson(each.signer, signer))) return []
    return [{ entry, why: `${nameOfSigner(signer)} is the operator; nobody can consent to their own run` }]
  })
}

/** Does the same for the evidence of an incident, reading its log. */
export async function checkPeopleIn({ log, sources }: Evidence, host: SshHost): Promise<People> {
  const signed = makeSignedReader()
  verifyChain(log, (line) => signed.take(line))
  return checkPeople(signed.read(log), sources, undefined, host)
}

const entriesOf = (signed: PersonSigned[]): string =>
  `the signatures in ${signed.length === 1 ? 'entry' : 'entries'} ${signed.map(({ entry }) => entry).join(', ')}`

type Trusted = { trust: Trust; list: PersonChecked['list'] | 'none' }

function trustFor(
  { signer, statement, digest, revoked }: PersonSigned,
  elsewhere: string | undefined,
  sources: Evidence['sources'],
): Trusted {
  const source = (name: string | undefined) =>
    name === undefined ? undefined : sources.get(name.replace(/^sha256:/, ''))
  const [used, revokedKeys] = [source(digest), source(revoked)]
  const at = new Date(statement.at)
  const trust: Trust = {
    allowedSigners: elsewhere ?? Buffer.from(used ?? []).toString('utf8'),
    principals: signer.principals,
    ...(Number.isNaN(at.getTime()) ? {} : { at }),
  }
  if (elsewhere !== undefined) return { trust, list: 'given' }
  if (used === undefined) return { trust, list: 'none' }
  return { trust: { ...trust, ...(revokedKeys ? { revokedKeys } : {}) }, list: 'as used' }
}

/** Returns what is wrong with a signature whoever made it; nothing else can be checked without a list of signers. */
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
    case 'nameless':
      return undefined
  }
}

/** Returns why a signature doesn't count: it must be by the key in its entry and, by the run's own list, by the person in its entry. */
function whyNot(found: SignatureVerdict, one: PersonSigned, list: PersonChecked['list']): string | undefined {
  if (found.verdict !== 'good') return describeVerdict(found)
  const { signer, signature } = one
  const said = [found.signer.key, keyAsWritten(signature)]
  if (!said.includes(signer.key)) return `it is by the key ${found.signer.key}, but the entry says ${signer.key}`
  const principals = found.signer.principals
  const same = signer.principals.length > 0 && signer.principals.every((name) => principals.includes(name))
  return same || list === 'given'
    ? undefined
    : `it is by ${nameOfSigner(found.signer)}, but the entry says ${nameOfSigner(signer)}`
}

/** Returns the fingerprint that an earlier version logged for a key: for a certificate, the certificate's own. */
function keyAsWritten(signature: string): string | undefined {
  const blob = readSignature(signature)?.key.blob
  return blob === undefined ? undefined : fingerprintAsWritten(Buffer.from(blob, 'base64'))
}
