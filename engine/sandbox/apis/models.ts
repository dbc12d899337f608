import type { JsonObject } from '../../base/json.ts'

/** What only a model of an API knows, by message. */
export type ApiModel = {
  /** What the service sets where a request says nothing. */
  defaults?: Record<string, JsonObject>
  /** What is made together with a resource: its collection below it, its id, and what it is. */
  children?: Record<string, { collection: string; id: string; type: string; value: JsonObject }[]>
  /** Fields that are answered with the last part of the name that was given. */
  shortNames?: Record<string, string[]>
  /** Messages whose resources can't be deleted while another resource names them. */
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
