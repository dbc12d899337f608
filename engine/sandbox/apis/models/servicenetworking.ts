import type { ApiModel } from './model.ts'

const PEERING = 'servicenetworking-googleapis-com'

/** Service Networking (cloud.google.com/service-infrastructure/docs/service-networking/reference/rest): private services access. */
export const servicenetworking: ApiModel = {
  defaults: { Connection: { peering: PEERING, service: 'services/servicenetworking.googleapis.com' } },
  adds: {
    Connection: {
      ...{ api: 'compute', to: 'network', list: 'peerings' },
      item: { name: PEERING, autoCreateRoutes: true, exchangeSubnetRoutes: true, state: 'ACTIVE' },
    },
  },
}
