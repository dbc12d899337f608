import { keyFingerprint, keyInside } from '../audit/signature.ts'
import { canCheckSignatures, type GivenEnvironment, whoSigned } from '../disk/ssh-keygen.ts'
import type { Evidence } from './read-evidence.ts'

/** What the signatures of checkpoints prove: who made how many, up to which entry, and what is wrong with them. */
export type Signatures = {
  by: { identity: string; key: string; count: number }[]
  /** How many entries the largest signed checkpoint covers; 0 where none is signed. */
  signed: number
  wrong: string[]
  /** Why they were not looked at, where they were not. */
  unchecked?: string
}

/** Checks every signature beside a log against a list of signers: one kept elsewhere, else the one beside it. */
export async function checkSignatures(
  { checkpoints, signers: beside }: Evidence,
  elsewhere: string | undefined,
  environment: GivenEnvironment,
): Promise<Signatures> {
  const signed = checkpoints.flatMap(({ name, text, signature }) => (signature ? [{ name, text, signature }] : []))
  if (signed.length === 0) {
    const wrong = elsewhere === undefined ? [] : ['no checkpoint is signed, though there is a list of signers']
    return { by: [], signed: 0, wrong }
  }
  if (!(await canCheckSignatures(environment))) {
    const why = 'there is no ssh-keygen on the PATH'
    const wrong = elsewhere === undefined ? [] : [`the signatures could not be checked: ${why}`]
    return { by: [], signed: 0, wrong, unchecked: why }
  }
  const list = elsewhere ?? beside
  const checked = await Promise.all(
    signed.map(async (one) => ({ ...one, who: await whoSigned(one.text, one.signature, list, environment) })),
  )
  const where = elsewhere === undefined ? 'the list beside the log' : 'the list of signers'
  const good = checked.flatMap(({ name, signature, who }) => (who ? [{ name, who, key: keyOf(signature) }] : []))
  const signers = Map.groupBy(good, ({ who, key }) => `${who}\n${key}`)
  return {
    by: [...signers.values()].map((all) => ({
      identity: all[0]?.who ?? '',
      key: all[0]?.key ?? '',
      count: all.length,
    })),
    signed: Math.max(0, ...good.map(({ name }) => Number(name))),
    wrong: checked.flatMap(({ name, who }) =>
      who ? [] : [`the signature of checkpoint ${name} doesn't hold, or it is of nobody in ${where}`],
    ),
  }
}

function keyOf(signature: string): string {
  const inside = keyInside(signature)
  return inside ? `${inside.type} ${keyFingerprint(inside.key)}` : 'an unknown key'
}
