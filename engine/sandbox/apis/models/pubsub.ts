import type { ApiModel } from './model.ts'

/** Pub/Sub (cloud.google.com/pubsub/docs/reference/rest): its messages are not simulated. */
export const pubsub: ApiModel = {
  verbs: {
    'Subscription.detach': { kind: 'set', fields: { detached: '=true' } },
    'Subscription.pull': { kind: 'answer', value: {} },
    'Subscription.seek': { kind: 'nothing' },
  },
}
