/** Returns the width that a terminal reports, or 80 columns if it reports none or, as some do, 0. */
export const columnsOf = (said: number | undefined): number => said || 80
