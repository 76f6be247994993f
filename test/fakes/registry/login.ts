import { randomUUID } from "node:crypto";

/** Who may come in; `push: false` is a read-only account. */
export interface FakeUser {
  readonly password: string;
  readonly push: boolean;
  /** What `docker login` got for this user; buys tokens in place of the password. */
  readonly identityToken?: string;
}

/** How clients log in. A token of `bearer` serves `tokenUses` requests, then it has expired. */
export type FakeAuth =
  | { readonly kind: "none" }
  | { readonly kind: "basic"; readonly users: Readonly<Record<string, FakeUser>> }
  | { readonly kind: "bearer"; readonly users: Readonly<Record<string, FakeUser>>; readonly tokenUses?: number };

/** Whether a request may come in: as whom, or how to ask again. */
export type Grant = { readonly user: FakeUser } | { readonly reauthenticate: string };

/** Passwords and tokens of a fake registry, and its token server. */
export class Login {
  private readonly auth: FakeAuth;
  private readonly tokens = new Map<string, { readonly user: FakeUser; left: number }>();

  constructor(auth: FakeAuth) {
    this.auth = auth;
  }

  /** Judges the Authorization header; `origin` is where the token server is told to be. */
  grant(authorization: string | undefined, origin: string): Grant {
    if (this.auth.kind === "none") return { user: { password: "", push: true } };
    if (this.auth.kind === "basic") {
      const user = this.byPassword(authorization);
      return user === undefined ? { reauthenticate: 'Basic realm="fake"' } : { user };
    }
    const token = this.tokens.get(authorization?.replace("Bearer ", "") ?? "");
    if (token === undefined || token.left <= 0) return { reauthenticate: `Bearer realm="${origin}/token",service="fake"` };
    token.left -= 1;
    return { user: token.user };
  }

  /** A new token for a password (GET) or an identity token (POST, as OAuth 2 has it); undefined when neither is right. */
  token(authorization: string | undefined, form: URLSearchParams): string | undefined {
    const user = form.get("grant_type") === "refresh_token" ? this.byIdentity(form.get("refresh_token")) : this.byPassword(authorization);
    if (user === undefined) return undefined;
    const token = randomUUID();
    this.tokens.set(token, { user, left: (this.auth.kind === "bearer" ? this.auth.tokenUses : undefined) ?? Number.POSITIVE_INFINITY });
    return token;
  }

  private byPassword(authorization: string | undefined): FakeUser | undefined {
    const [name = "", ...password] = Buffer.from(authorization?.replace("Basic ", "") ?? "", "base64")
      .toString()
      .split(":");
    const user = this.auth.kind === "none" ? undefined : this.auth.users[name];
    return user?.password === password.join(":") ? user : undefined;
  }

  private byIdentity(token: string | null): FakeUser | undefined {
    if (this.auth.kind === "none" || token === null) return undefined;
    return Object.values(this.auth.users).find(({ identityToken }) => identityToken === token);
  }
}
