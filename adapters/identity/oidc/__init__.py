"""Sign-in through an identity provider by OpenID Connect."""
