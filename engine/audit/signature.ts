import { readSignature } from '../approval/ssh-signature.ts'

/** What a checkpoint's signature is for; ssh-keygen refuses it for anything else. */
export const NAMESPACE = 'breakglass-checkpoint'

/** A line of OpenSSH's allowed_signers file for the key inside a signature. */
export function signerLine(identity: string, signature: string): string | undefined {
  const key = readSignature(signature)?.key
  return key && `${identity} namespaces="${NAMESPACE}" ${key.type} ${key.blob}`
}

/** A name that can stand in an allowed_signers file: neither a pattern nor a list. */
export const identityOf = (name: string): string => name.replaceAll(/[^A-Za-z0-9@._+-]/g, '-') || 'unknown'
