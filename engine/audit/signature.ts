import { readSignature } from '../approval/ssh-signature.ts'

/** The namespace of checkpoint signatures; ssh-keygen rejects them for any other purpose. */
export const NAMESPACE = 'breakglass-checkpoint'

/** Returns the allowed_signers line for the key inside a signature. */
export function signerLine(identity: string, signature: string): string | undefined {
  const key = readSignature(signature)?.key
  return key && `${identity} namespaces="${NAMESPACE}" ${key.type} ${key.blob}`
}

/** Returns a name that an allowed_signers file reads as one identity, not as a pattern or a list. */
export const identityOf = (name: string): string => name.replaceAll(/[^A-Za-z0-9@._+-]/g, '-') || 'unknown'
