package org.homeline.hapi;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** What a client reads first: where to sign in. Tokens may be had through a gate of the test's. */
final class SmartConfiguration extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private final String document;

  SmartConfiguration(String issuer, String tokenEndpoint) {
    document =
        """
        {"issuer": "%1$s", "jwks_uri": "%1$s/jwks", "authorization_endpoint": "%1$s/auth", "token_endpoint": "%2$s",
         "revocation_endpoint": "%1$s/token/revocation", "code_challenge_methods_supported": ["S256"],
         "grant_types_supported": ["authorization_code"], "authorization_response_iss_parameter_supported": true,
         "capabilities": ["launch-standalone", "client-public", "context-standalone-patient", "sso-openid-connect",
                          "permission-offline", "permission-patient", "permission-v2"]}
        """
            .formatted(issuer, tokenEndpoint);
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
    response.setContentType("application/json");
    response.getWriter().print(document);
  }
}
