import type { PlaceWish } from '#domain/coordination/place.ts';

/** A wish of a run that ends before it asks for its place: nobody serves its environment. */
export const A_PLACE: PlaceWish = {
  environment: 'staging',
  ticket: 1,
  priority: 'normal',
  subject: 'shop',
  after: [],
  maximum: 5,
};
