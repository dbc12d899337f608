/** How wide a terminal is that says so; 80 columns where it says nothing or, as some do, 0. */
export const columnsOf = (said: number | undefined): number => said || 80
