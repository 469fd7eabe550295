package org.homeline.hapi;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.interceptor.api.IInterceptorService;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.provider.JpaSystemProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.server.ETagSupportEnum;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Meta;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * The HAPI FHIR R4 JPA server as it comes, in memory, on a free loopback port. It prints {@code READY <base URL>} when it
 * answers, and runs until it is killed.
 *
 * <p>With {@code -Dhomeline.issuer=URL} it speaks https with the key store {@code -Dhomeline.tls=FILE}, and wants a token of that
 * authorization server, or the care team's ({@code -Dhomeline.team-token}).
 */
public final class HapiServer {
  private HapiServer() {}

  public static void main(String[] arguments) throws Exception {
    AnnotationConfigApplicationContext storage = new AnnotationConfigApplicationContext(InMemoryStorage.class);
    Server server = new Server();
    String issuer = System.getProperty("homeline.issuer");
    ServerConnector loopback = issuer == null ? new ServerConnector(server) : overTls(server);
    loopback.setHost("127.0.0.1");
    loopback.setPort(0);
    server.addConnector(loopback);
    ServletContextHandler paths = new ServletContextHandler("/");
    RestfulServer fhir = restfulServer(storage);
    if (issuer != null) {
      fhir.registerInterceptor(new PatientTokens(issuer, System.getProperty("homeline.team-token")));
      SmartConfiguration signIn = new SmartConfiguration(issuer, System.getProperty("homeline.token-endpoint", issuer + "/token"));
      paths.addServlet(new ServletHolder(signIn), "/fhir/.well-known/smart-configuration");
    }
    paths.addServlet(new ServletHolder(fhir), "/fhir/*");
    server.setHandler(paths);
    server.start();
    System.out.printf("READY %s://127.0.0.1:%d/fhir%n", issuer == null ? "http" : "https", loopback.getLocalPort());
    server.join();
  }

  private static ServerConnector overTls(Server server) {
    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setKeyStorePath(System.getProperty("homeline.tls"));
    tls.setKeyStorePassword("for this test");
    HttpConfiguration http = new HttpConfiguration();
    // The name is an address of this machine, which SNI does not know.
    http.addCustomizer(new SecureRequestCustomizer(false));
    return new ServerConnector(server, tls, new HttpConnectionFactory(http));
  }

  private static RestfulServer restfulServer(AnnotationConfigApplicationContext storage) {
    RestfulServer fhir = new RestfulServer(storage.getBean(FhirContext.class));
    fhir.setInterceptorService(storage.getBean(IInterceptorService.class));
    fhir.registerProviders(storage.getBean(ResourceProviderFactory.class).createProviders());
    fhir.registerProvider(storage.getBean(JpaSystemProvider.class));
    fhir.setPagingProvider(storage.getBean(DatabaseBackedPagingProvider.class));
    fhir.setETagSupport(ETagSupportEnum.ENABLED);
    @SuppressWarnings("unchecked")
    IFhirSystemDao<Bundle, Meta> system = storage.getBean(IFhirSystemDao.class);
    fhir.setServerConformanceProvider(
        new JpaCapabilityStatementProvider(
            fhir,
            system,
            storage.getBean(JpaStorageSettings.class),
            storage.getBean(ISearchParamRegistry.class),
            storage.getBean(IValidationSupport.class)));
    return fhir;
  }
}
