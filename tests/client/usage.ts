// A strict client of the API. It is compiled and never run: what it says of types must hold of the document.
import createClient from "openapi-fetch";
import type { components, operations, paths } from "./api";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

// An integer is a number and nothing else, an enum is its names, what must be there is there.
holds<Equal<components["schemas"]["Money"], { amount: number; currency: string }>>();
holds<Equal<components["schemas"]["OrderRequestLine"]["quantity"], number>>();
holds<Equal<components["schemas"]["OrderPaymentMethod"], "online" | "manual">>();
holds<Equal<operations["PlaceOrder"]["parameters"]["header"], { "Idempotency-Key"?: string } | undefined>>();
holds<Equal<components["schemas"]["Problem"]["code"], string>>();

export async function buy(baseUrl: string, email: string, password: string, productId: string): Promise<number> {
  const guest = createClient<paths>({ baseUrl });
  const signedIn = await guest.POST("/api/v1/auth/login", { body: { email, password } });
  if (signedIn.error) {
    throw new Error(`${signedIn.error.code}: ${signedIn.error.detail}`);
  }

  const customer = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${signedIn.data.accessToken}` } });
  const placed = await customer.POST("/api/v1/orders", {
    params: { header: { "Idempotency-Key": "one-order" } },
    body: { fulfillment: "pickup", items: [{ productId, quantity: 2 }] },
  });
  if (placed.error) {
    throw new Error(Object.entries(placed.error.errors ?? {}).map(([field, why]) => `${field}: ${why.join(" ")}`).join("; "));
  }

  const read = await customer.GET("/api/v1/orders/{id}", { params: { path: { id: placed.data.id } } });
  const page = await customer.GET("/api/v1/orders/mine", { params: { query: { limit: 10 } } });
  const next: string | null | undefined = page.data?.meta.next;

  // @ts-expect-error A field that the API does not know does not compile.
  await customer.POST("/api/v1/orders", { body: { fulfillment: "pickup", items: [{ productId, quantity: 2, price: 1 }] } });
  // @ts-expect-error Nor does a status that is none.
  const wrong: components["schemas"]["OrderStatus"] = "lost";

  return (read.data?.total.amount ?? 0) + (next ? 1 : 0) + wrong.length;
}
