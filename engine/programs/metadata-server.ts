/**
 * Returns variables that redirect requests for a cloud machine's metadata server to our own address (HOST:PORT): gcloud, the
 * client libraries and other clouds' tools ask it, bypassing every proxy, for an account and its tokens.
 */
export const metadataServerAt = (address: string): Record<string, string> => ({
  GCE_METADATA_ROOT: address,
  GCE_METADATA_HOST: address,
  GCE_METADATA_IP: address,
  NO_GCE_CHECK: 'True',
  METADATA_SERVER_DETECTION: 'none',
  AWS_EC2_METADATA_DISABLED: 'true',
})

/** An address that nobody can listen on: connections to it are refused at once. */
export const NOBODY = '127.0.0.1:0'
