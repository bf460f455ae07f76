// As in `appliance/api/ui/trace_search.py`.
export const USUAL_LIMIT = 50;
export const MOST = 1000;
/** More traces than two cannot be compared. */
export const COMPARED = 2;
