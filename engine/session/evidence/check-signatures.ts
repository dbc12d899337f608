import pLimit from 'p-limit'
import { readSignature } from '../../approval/ssh-signature.ts'
import { describeVerdict, nameOfSigner } from '../../approval/verdict.ts'
import { NAMESPACE } from '../../audit/signature.ts'
import { canCheckSignatures, type SshHost } from '../../ssh/keygen.ts'
import { verifySignature } from '../../ssh/verify.ts'
import type { Evidence } from './read-evidence.ts'

/** What the signatures of checkpoints prove: who made how many, up to which entry, and what is wrong with them. */
export type Signatures = {
  by: { identity: string; key: string; count: number }[]
  /** The number of entries that the largest signed checkpoint covers; 0 if none is signed. */
  signed: number
  wrong: string[]
  /** Why they were not checked, if so. */
  unchecked?: string
}

/** The number of signatures checked in parallel: each takes a process or two. */
const AT_ONCE = 8

/** Checks every checkpoint's signature against a list of signers: one from elsewhere, or else the one in the log's folder. */
export async function checkSignatures(
  { checkpoints, signers: beside }: Evidence,
  elsewhere: string | undefined,
  host: SshHost,
): Promise<Signatures> {
  const signed = checkpoints.flatMap(({ name, text, signature }) =>
    text !== undefined && signature !== undefined ? [{ name, text, signature }] : [],
  )
  if (signed.length === 0) {
    const wrong = elsewhere === undefined ? [] : ['no checkpoint is signed, although there is a list of signers']
    return { by: [], signed: 0, wrong }
  }
  if (!(await canCheckSignatures(host))) {
    const why = 'ssh-keygen is not on the PATH'
    const wrong = elsewhere === undefined ? [] : [`the signatures could not be checked: ${why}`]
    return { by: [], signed: 0, wrong, unchecked: why }
  }
  const trust = { allowedSigners: elsewhere ?? beside, principals: [] }
  const queue = pLimit(AT_ONCE)
  const checked = await queue.map(signed, async ({ name, text, signature }) => {
    const found = await verifySignature(text, signature, NAMESPACE, trust, host)
    return { name, found, type: readSignature(signature)?.key.type ?? '' }
  })
  const where = elsewhere === undefined ? "the list in the log's folder" : 'the list of signers'
  const good = checked.flatMap(({ name, found, type }) =>
    found.verdict === 'good' ? [{ name, who: nameOfSigner(found.signer), key: `${type} ${found.signer.key}` }] : [],
  )
  const signers = Map.groupBy(good, ({ who, key }) => `${who}\n${key}`)
  return {
    by: [...signers.values()].map((all) => ({
      identity: all[0]?.who ?? '',
      key: all[0]?.key ?? '',
      count: all.length,
    })),
    signed: Math.max(0, ...good.map(({ name }) => Number(name))),
    wrong: checked.flatMap(({ name, found }) =>
      found.verdict === 'good'
        ? []
        : [`the signature of checkpoint ${name} does not count according to ${where}: ${describeVerdict(found)}`],
    ),
  }
}
