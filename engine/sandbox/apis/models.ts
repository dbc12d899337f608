import type { JsonObject } from '../../base/json.ts'

/** What the SDK's description of an API does not contain, by message type. */
export type ApiModel = {
  /** Defaults that the service sets. */
  defaults?: Record<string, JsonObject>
  /** Resources that are created together with another, in a collection below it. */
  children?: Record<string, { collection: string; id: string; type: string; value: JsonObject }[]>
  /** Fields that are returned as the last part of a given name. */
  shortNames?: Record<string, string[]>
  /** Types of resources that can't be deleted while another refers to them. */
  heldByUse?: string[]
}

/** The models by API. */
export const models: Record<string, ApiModel> = {
  cloudkms: {
    defaults: { CryptoKey: { destroyScheduledDuration: '2592000s', purpose: 'ENCRYPT_DECRYPT' } },
    children: {
      CryptoKey: [
        {
          ...{ collection: 'cryptoKeyVersions', id: '1', type: 'CryptoKeyVersion' },
          value: { algorithm: 'GOOGLE_SYMMETRIC_ENCRYPTION', protectionLevel: 'SOFTWARE', state: 'ENABLED' },
        },
      ],
    },
  },
  compute: {
    defaults: {
      Network: { routingConfig: { bgpBestPathSelectionMode: 'LEGACY', routingMode: 'REGIONAL' } },
      Subnetwork: {
        ...{ allowSubnetCidrRoutesOverlap: false, enableFlowLogs: false, privateIpGoogleAccess: false },
        ...{ privateIpv6GoogleAccess: 'DISABLE_GOOGLE_ACCESS', purpose: 'PRIVATE', stackType: 'IPV4_ONLY' },
      },
    },
    heldByUse: ['Network', 'Subnetwork'],
  },
  container: { shortNames: { Cluster: ['network', 'subnetwork'] } },
  vmwareengine: { heldByUse: ['VmwareEngineNetwork'] },
}
