import type { ApiModel } from './model.ts'

const SERVERS = ['a', 'b', 'c', 'd'].map((letter) => `ns-cloud-${letter}1.googledomains.com.`)

/** Cloud DNS (cloud.google.com/dns/docs/reference/rest/v1). */
export const dns: ApiModel = {
  defaults: { Change: { status: 'done' }, ManagedZone: { nameServers: SERVERS, visibility: 'public' } },
  children: {
    ManagedZone: [
      {
        ...{ collection: 'rrsets', id: '{dnsName}/NS', type: 'ResourceRecordSet' },
        value: { name: '{dnsName}', type: 'NS', ttl: 21600, rrdatas: SERVERS },
      },
      {
        ...{ collection: 'rrsets', id: '{dnsName}/SOA', type: 'ResourceRecordSet' },
        value: {
          ...{ name: '{dnsName}', type: 'SOA', ttl: 21600 },
          rrdatas: [`${SERVERS[0]} cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300`],
        },
      },
    ],
  },
  counted: ['Change'],
  carries: {
    Change: {
      ...{ collection: 'rrsets', type: 'ResourceRecordSet', key: ['name', 'type'] },
      ...{ added: 'additions', removed: 'deletions' },
    },
  },
}
