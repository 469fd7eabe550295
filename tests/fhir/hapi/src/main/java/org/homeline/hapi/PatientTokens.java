package org.homeline.hapi;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.exceptions.AuthenticationException;
import ca.uhn.fhir.rest.server.interceptor.auth.AuthorizationInterceptor;
import ca.uhn.fhir.rest.server.interceptor.auth.IAuthRule;
import ca.uhn.fhir.rest.server.interceptor.auth.RuleBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.r4.model.IdType;

/**
 * Lets a bearer token in as the patient that the authorization server names, into that patient's compartment and nothing
 * else of it. The care team's own token may do everything.
 */
final class PatientTokens extends AuthorizationInterceptor {
  private static final Pattern SUBJECT = Pattern.compile("\"sub\":\"([A-Za-z0-9.-]{1,64})\"");
  /** What a record of a patient refers to and no compartment holds. */
  private static final List<String> OF_NOBODY =
      List.of("Practitioner", "PractitionerRole", "Organization", "Location", "Medication", "Questionnaire", "Device");

  private final HttpClient http = HttpClient.newHttpClient();
  private final String issuer;
  private final String teamToken;

  PatientTokens(String issuer, String teamToken) {
    this.issuer = issuer;
    this.teamToken = teamToken;
  }

  @Override
  public List<IAuthRule> buildRuleList(RequestDetails request) {
    if ("metadata".equals(request.getOperation())) {
      return new RuleBuilder().allowAll().build();
    }
    String offered = request.getHeader("Authorization");
    if (("Bearer " + teamToken).equals(offered)) {
      return new RuleBuilder().allowAll().build();
    }
    IdType patient = new IdType("Patient", subject(offered));
    RuleBuilder rules = new RuleBuilder();
    rules.allow().read().allResources().inCompartment("Patient", patient);
    rules.allow().write().allResources().inCompartment("Patient", patient);
    rules.allow().transaction().withAnyOperation().andApplyNormalRules();
    rules.allow().operation().named("$everything").onInstance(patient).andAllowAllResponses();
    OF_NOBODY.forEach(type -> rules.allow().read().resourcesOfType(type).withAnyId());
    rules.denyAll();
    return rules.build();
  }

  private String subject(String offered) {
    if (offered == null || !offered.startsWith("Bearer ")) {
      throw new AuthenticationException("a token is needed");
    }
    HttpRequest question = HttpRequest.newBuilder(URI.create(issuer + "/me")).header("Authorization", offered).build();
    try {
      HttpResponse<String> answer = http.send(question, HttpResponse.BodyHandlers.ofString());
      Matcher subject = SUBJECT.matcher(answer.body());
      if (answer.statusCode() == 200 && subject.find()) {
        return subject.group(1);
      }
      throw new AuthenticationException("the token is not valid");
    } catch (IOException fault) {
      throw new AuthenticationException("the authorization server does not answer");
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new AuthenticationException("stopped");
    }
  }
}
