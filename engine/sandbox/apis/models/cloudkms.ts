import type { ApiModel } from './model.ts'

const FIRST = { algorithm: 'GOOGLE_SYMMETRIC_ENCRYPTION', protectionLevel: 'SOFTWARE', state: 'ENABLED' }

/** Cloud Key Management Service (cloud.google.com/kms/docs/reference/rest). */
export const cloudkms: ApiModel = {
  defaults: { CryptoKey: { destroyScheduledDuration: '2592000s', purpose: 'ENCRYPT_DECRYPT' } },
  children: {
    CryptoKey: [{ collection: 'cryptoKeyVersions', id: '1', type: 'CryptoKeyVersion', value: FIRST }],
  },
  counted: ['CryptoKeyVersion'],
  verbs: {
    'CryptoKey.updatePrimaryVersion': {
      ...{ kind: 'refer', field: 'primary', collection: 'cryptoKeyVersions', id: 'body.cryptoKeyVersionId' },
    },
  },
}
